import { describe, expect, it } from 'vitest';
import { cookieFacts } from '../../../lib/options/audit/cookie-facts.js';

const NOW = new Date('2030-01-01T00:00:00Z');
const facts = (line: string) => cookieFacts(line, NOW);

describe('cookieFacts', () => {
  it('reads what a line sets', () => {
    expect(
      facts('sid=a=b; Domain=example.com; Path=/x; Secure; HttpOnly; SameSite=Lax; Partitioned'),
    ).toEqual({
      name: 'sid',
      value: 'a=b',
      secure: true,
      httpOnly: true,
      sameSite: 'lax',
      partitioned: true,
      domain: 'example.com',
      path: '/x',
      lifetime: 0,
    });
  });

  it('is not misled by case, blanks and values that look like attributes', () => {
    expect(facts(' sid = a ;SECURE; hTTPonly ;samesite = NONE')).toMatchObject({
      name: 'sid',
      value: 'a',
      secure: true,
      httpOnly: true,
      sameSite: 'none',
    });
    expect(facts('sid=a; Path=/ HttpOnly Secure')).toMatchObject({ secure: false, httpOnly: false });
    expect(facts('Secure=a')).toMatchObject({ name: 'Secure', secure: false });
    expect(facts('alone')).toMatchObject({ name: '', value: 'alone' });
  });

  it.each([
    ['Max-Age=60', 60],
    ['Max-Age=0', 0],
    ['Max-Age=-5', 0],
    ['Expires=Tue, 01 Jan 2030 00:01:00 GMT', 60],
    ['Expires=Mon, 01 Jan 2001 00:00:00 GMT', 0],
    ['Expires=never', 0],
    ['Max-Age=5; Expires=Tue, 01 Jan 2030 00:01:00 GMT', 5],
    ['Max-Age=five; Expires=Tue, 01 Jan 2030 00:01:00 GMT', 60],
    ['Path=/', 0],
  ])('reads the lifetime of %s as %i seconds', (attributes, seconds) => {
    expect(facts(`sid=a; ${attributes}`).lifetime).toBe(seconds);
  });
});
