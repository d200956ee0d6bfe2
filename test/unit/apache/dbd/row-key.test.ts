import { describe, expect, it } from 'vitest';
import {
  identityOf,
  isUserKey,
  isUuid,
  keyOf,
  newIdentity,
  userKeyOf,
} from '../../../../lib/apache/dbd/row-key.js';

describe('the key of a row', () => {
  it('is a UUID in lower case, where sessions are found by cookie', () => {
    const key = keyOf(newIdentity());
    expect(isUuid(key)).toBe(true);
    for (const text of ['', 'ada', key.toUpperCase(), `${key}0`, ` ${key}`, key.replaceAll('-', '')])
      expect(isUuid(text)).toBe(false);
  });

  it.each(['ada', 'ä', ' ', 'a'.repeat(256)])('may be the user %j', (user) => {
    expect([isUserKey(user), userKeyOf(user)]).toEqual([true, user]);
  });

  it.each(['', 'a\0b', 'a'.repeat(257), '\ud800', 5, null, undefined])('is not the user %j', (user) => {
    expect(userKeyOf(user)).toBeUndefined();
  });

  it('is not in the public id of its session', () => {
    const identity = identityOf('ada');
    expect(keyOf(identity)).toBe('ada');
    expect(identity.key).toHaveLength(32);
    expect(identity.key.includes('ada')).toBe(false);
  });
});
