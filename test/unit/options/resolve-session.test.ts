import { describe, expect, it } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const crypto = { secrets: [`hex:${'11'.repeat(32)}`] };
const touchOf = (idleTimeout: number, lifetime: number, store?: ReturnType<typeof memoryStore>) =>
  resolveOptions({ crypto, session: { idleTimeout }, cookie: { lifetime }, ...(store && { store }) }).timeouts
    .touchInterval;

describe('the default of session.touchInterval', () => {
  it('is no fault with the shortest idle timeout, whatever the lifetime of the cookie is', () => {
    for (const lifetime of [0, 1, 2, 3600])
      for (const store of [undefined, memoryStore()]) {
        expect(touchOf(1, lifetime, store)).toBe(0);
        for (const idle of [2, 3, 60, 1440]) expect(touchOf(idle, lifetime, store)).toBeLessThan(idle);
      }
  });

  it('is half of the lifetime of a cookie that a longer one would lose', () => {
    expect(touchOf(14_400, 60, memoryStore())).toBe(30);
    expect(touchOf(0, 60, memoryStore())).toBe(30);
    expect(touchOf(1440, 1, memoryStore())).toBe(1);
  });
});
