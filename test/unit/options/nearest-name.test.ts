import { describe, expect, it } from 'vitest';
import { nearestName } from '../../../lib/options/nearest-name.js';

describe('nearestName', () => {
  const allowed = ['cipher', 'cookie', 'secrets', 'idleTimeout'];

  it.each([
    { name: 'chiper', nearest: 'cipher' },
    { name: 'cokie', nearest: 'cookie' },
    { name: 'SECRET', nearest: 'secrets' },
    { name: 'idletimeout', nearest: 'idleTimeout' },
    { name: 'idle_time_out', nearest: 'idleTimeout' },
    { name: 'passphrase', nearest: undefined },
    { name: 'x', nearest: undefined },
  ])('finds $nearest for $name', ({ name, nearest }) => {
    expect(nearestName(name, allowed)).toBe(nearest);
  });

  it('finds nothing among nothing', () => {
    expect(nearestName('cipher', [])).toBeUndefined();
  });
});
