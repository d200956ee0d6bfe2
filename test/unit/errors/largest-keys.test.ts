import { describe, expect, it } from 'vitest';
import { largestKeys } from '../../../lib/errors/largest-keys.js';
import { SessionTooLargeError } from '../../../lib/errors/session-state.error.js';

describe('the largest keys of a session', () => {
  it('are at most three, the largest first, whatever order they come in', () => {
    const sizes = { 7: 20, small: 9, large: 4000, middle: 300 };
    expect(largestKeys(sizes)).toBe('"large" 4000, "middle" 300, "7" 20');
  });

  it('are as many as there are', () => {
    expect(largestKeys({ cart: 12 })).toBe('"cart" 12');
    expect(largestKeys({})).toBe('');
  });

  it.each([
    { what: 'a long one', key: 'k'.repeat(41), shown: `"${'k'.repeat(40)}…"` },
    { what: 'one of forty characters', key: 'k'.repeat(40), shown: `"${'k'.repeat(40)}"` },
    {
      what: 'one that is cut within a character',
      key: `${'k'.repeat(39)}😀`,
      shown: String.raw`"${'k'.repeat(39)}\ud83d…"`,
    },
    { what: 'one with a quote', key: 'a" 1, "b', shown: String.raw`"a\" 1, \"b"` },
    { what: 'one with a line break', key: 'a\n\u001b[31mb', shown: String.raw`"a\n\u001b[31mb"` },
    { what: 'one that turns the direction of writing', key: 'a\u202e\u2028b', shown: '"a??b"' },
    { what: 'the name of a prototype', key: '__proto__', shown: '"__proto__"' },
  ])('show the name of $what safely in the error', ({ key, shown }) => {
    const { messageForLog } = new SessionTooLargeError(6, 5, Object.fromEntries([[key, 5]]));
    expect(messageForLog.slice(messageForLog.indexOf('"'))).toBe(`${shown} 5`);
  });
});
