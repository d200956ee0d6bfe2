import { describe, expect, it, vi } from 'vitest';
import {
  subjectOf,
  loginToSeal,
  type FormAuth,
  type OpenedLogin,
} from '../../../../lib/apache/auth/form-auth.js';
import type { JsonObject } from '../../../../lib/record/session-data.interface.js';
import { FormLoginKeys } from '../../../../lib/apache/auth/form-login.js';

const keys = new FormLoginKeys('r');
const auth = (more: Partial<FormAuth> = {}): FormAuth => ({
  keys,
  verify: (_user, password) => password === 'right',
  trustUserKey: false,
  ...more,
});
const ADA = { 'r-user': 'ada', 'r-pw': 'right' };

describe('subjectOf', () => {
  it('is the native subject if no login of httpd counts', () => {
    expect(subjectOf(undefined, ADA, 'bob')).toBe('bob');
    expect(subjectOf(undefined, ADA, undefined)).toBeUndefined();
  });

  it('is the native subject as long as the name is the same, and verifies nothing', () => {
    const verify = vi.fn(() => false);
    expect(subjectOf(auth({ verify }), ADA, 'ada')).toBe('ada');
    expect(verify).not.toHaveBeenCalled();
    expect(subjectOf(auth({ verify }), ADA, 'bob')).toBeUndefined();
    expect(verify).toHaveBeenCalledWith('ada', 'right');
  });

  it.each<JsonObject>([
    {},
    { 'r-pw': 'right' },
    { 'r-user': 5 },
    { 'r-user': 'ada', 'r-pw': 1 },
    { 'r-user': 'ada', 'r-site': 'x' },
  ])('believes %j nothing', (data) => {
    expect(subjectOf(auth(), data, 'bob')).toBeUndefined();
  });

  it('does not take members of Object.prototype for entries', () => {
    const odd = { user: 'constructor', password: 'toString', site: 'x' } as FormLoginKeys;
    expect(subjectOf(auth({ keys: odd, trustUserKey: true }), {}, undefined)).toBeUndefined();
  });
});

describe('loginToSeal', () => {
  const opened = (more: Partial<OpenedLogin> = {}): OpenedLogin => ({
    subject: 'ada',
    nativeSubject: undefined,
    authenticatedAt: 0,
    ...more,
  });
  const record = (data: object, subject: string | undefined = 'ada', authenticatedAt = 0) => ({
    data: data as Record<string, string>,
    subject,
    authenticatedAt,
  });

  it('writes no subject for a user whom the password alone admitted', () => {
    expect(loginToSeal(auth(), record(ADA), opened())).toEqual({ data: ADA, subject: undefined });
  });

  it('writes the subject who has logged in here, now or before', () => {
    expect(loginToSeal(auth(), record(ADA, 'ada', 9), opened())).toEqual({ data: ADA, subject: 'ada' });
    expect(loginToSeal(auth(), record(ADA), opened({ nativeSubject: 'ada' }))).toEqual({
      data: ADA,
      subject: 'ada',
    });
    expect(loginToSeal(auth(), record({ ...ADA, 'r-site': 'x' }, 'bob'), opened())).toEqual({
      data: { 'r-user': 'bob' },
      subject: 'bob',
    });
    expect(loginToSeal(auth(), record({}), undefined)).toEqual({
      data: { 'r-user': 'ada' },
      subject: 'ada',
    });
  });

  it('logs out a user whose entries were removed, unless the user has logged in here', () => {
    expect(loginToSeal(auth(), record({}), opened())).toEqual({ data: {}, subject: undefined });
    expect(loginToSeal(auth(), record({}), opened({ nativeSubject: 'ada' }))).toEqual({
      data: { 'r-user': 'ada' },
      subject: 'ada',
    });
  });

  it('leaves the entries of another user to be verified', () => {
    const bob = { 'r-user': 'bob', 'r-pw': 'x' };
    for (const nativeSubject of [undefined, 'ada'])
      expect(loginToSeal(auth(), record(bob), opened({ nativeSubject }))).toEqual({
        data: bob,
        subject: undefined,
      });
  });

  it('changes nothing if no login of httpd counts', () => {
    expect(loginToSeal(undefined, record(ADA, 'bob'), undefined)).toEqual({ data: ADA, subject: 'bob' });
  });
});
