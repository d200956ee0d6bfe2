import { describe, expect, it } from 'vitest';
import { formLogin } from '../../../../lib/apache/index.js';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';

const sessionOf = (entries: Record<string, unknown>) => {
  const map = new Map(Object.entries(entries));
  return {
    map,
    get: (key: string) => map.get(key),
    set: (key: string, value: unknown) => void map.set(key, value),
    delete: (key: string) => void map.delete(key),
  };
};
const login = formLogin('my realm');

describe('formLogin', () => {
  it('reads name and password, and no login without a name', () => {
    expect(login.read(sessionOf({ 'my realm-user': 'ada', 'my realm-pw': 'x' }))).toEqual({
      user: 'ada',
      password: 'x',
    });
    expect(login.read(sessionOf({ 'my realm-user': 'ada' }))).toEqual({ user: 'ada', password: undefined });
    for (const entries of [{}, { 'my realm-pw': 'x' }, { 'my realm-user': 5 }, { 'My realm-user': 'ada' }])
      expect(login.read(sessionOf(entries))).toBeUndefined();
  });

  it("writes them without another's mark, and clears all three", () => {
    const session = sessionOf({ 'my realm-site': 'mark', cart: '1' });
    login.write(session, 'ada', 'x');
    expect(Object.fromEntries(session.map)).toEqual({
      cart: '1',
      'my realm-user': 'ada',
      'my realm-pw': 'x',
    });
    session.set('my realm-site', 'mark');
    login.clear(session);
    expect(Object.fromEntries(session.map)).toEqual({ cart: '1' });
  });

  it.each(['', undefined, 5])('refuses the realm %j', (realm) => {
    expect(() => formLogin(realm as string)).toThrow(SessionConfigError);
  });
});

it.each([
  ['say "hi"', 'say \\"hi\\"'],
  ['say \\"hi\\"', 'say \\"hi\\"'],
  ['a\\b', 'a\\b'],
  ['a\\\\"', 'a\\\\\\"'],
  ['end\\', 'end\\'],
])('the keys of the realm %j begin as in httpd', (realm, start) => {
  expect(formLogin(realm)).toMatchObject({
    user: `${start}-user`,
    password: `${start}-pw`,
    site: `${start}-site`,
  });
});
