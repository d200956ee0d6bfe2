import { describe, expect, it } from 'vitest';
import { meantHint, nearestName } from '../../../lib/errors/nearest-name.js';

describe('nearestName', () => {
  const allowed = ['cipher', 'cookie', 'secrets', 'idleTimeout', 'ring'];

  it.each([
    { name: 'chiper', nearest: 'cipher' },
    { name: 'cokie', nearest: 'cookie' },
    { name: 'SECRET', nearest: 'secrets' },
    { name: 'idletimeout', nearest: 'idleTimeout' },
    { name: 'idle_time_out', nearest: 'idleTimeout' },
    { name: 'passphrase', nearest: undefined },
    { name: 'x', nearest: undefined },
    { name: 'in', nearest: undefined },
  ])('finds $nearest for $name', ({ name, nearest }) => {
    expect(nearestName(name, allowed)).toBe(nearest);
  });

  it('finds nothing among nothing', () => {
    expect(nearestName('cipher', [])).toBeUndefined();
  });
});

describe('meantHint', () => {
  it('ends a message with the guess', () => {
    expect(meantHint('AES', ['aes', 'des'])).toBe('; is "aes" meant?');
  });

  it.each(['passphrase', 5, undefined, ['aes'], 'x'.repeat(100_000)])('is empty for %o', (name) => {
    expect(meantHint(name, ['aes', 'des'])).toBe('');
  });
});
