import { describe, expect, it } from 'vitest';
import { operatorOf } from '../../../lib/dashboard/operator.js';
import { wishOf } from '../../../lib/dashboard/operator-actions.js';

const request = { headers: {} };

describe('the name of an operator', () => {
  it('is what the application says, without characters that cannot be seen, and not too long', async () => {
    expect(await operatorOf(() => ' grace\u202e ', request)).toBe('grace\ufffd');
    expect(await operatorOf(async () => 'x'.repeat(1000), request)).toHaveLength(255);
  });

  it.each([undefined, '', '   ', 7 as never, null as never])('is none for %j', async (name) => {
    expect(await operatorOf(() => name, request)).toBeUndefined();
  });

  it('is none without the option, and without a session', async () => {
    expect(await operatorOf(undefined, request)).toBeUndefined();
    expect(await operatorOf('subject', request)).toBeUndefined();
  });
});

describe('a form of the dashboard', () => {
  it.each([
    {},
    { action: 'revoke' },
    { action: 'revoke', subject: 'ada' },
    { action: 'revoke', subject: 'ada', id: ['x'] },
    { action: 'revoke', subject: 'ada', id: 'x'.repeat(65) },
    { action: 'revoke', subject: 'ada', id: '<b>' },
    { action: 'revokeAll', subject: 'ada' },
    { action: 'list', subject: '' },
    { action: 'list', subject: ['ada'] },
    { action: ['list'], subject: 'ada' },
    { action: 'toString', subject: 'ada' },
  ])('asks for nothing: %j', (form) => {
    expect(wishOf(form)).toBeUndefined();
  });

  it('asks for one of three actions', () => {
    expect(wishOf({ action: 'list', subject: 'ada', id: 'x' })).toEqual({
      action: 'list',
      subject: 'ada',
      id: undefined,
    });
    expect(wishOf({ action: 'revoke', subject: 'ada', id: 'a-_1' })).toMatchObject({ id: 'a-_1' });
  });
});
