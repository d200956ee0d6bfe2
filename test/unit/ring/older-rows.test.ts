import { describe, expect, it } from 'vitest';
import { olderFault } from '../../../lib/ring/older-rows.js';
import type { KeyFacts, KeyState } from '../../../lib/stores/key-row-store.interface.js';

const time = new Date(0);
const times = { createdAt: time, sealsAt: time, retiresAt: undefined, dropsAt: undefined };
const key = (id: number, state: KeyState, version = 1, hint = id): KeyFacts => ({
  ...times,
  id,
  state,
  version,
  hint,
});

describe('olderFault', () => {
  it.each([
    ['rows that are as before', [key(1, 'sealing')], [key(1, 'sealing')]],
    ['a key that was dropped', [key(1, 'retiring'), key(2, 'sealing')], [key(2, 'sealing', 3)]],
    [
      'a published key that a failover has lost',
      [key(1, 'sealing'), key(2, 'published')],
      [key(1, 'sealing')],
    ],
    [
      'another key in the place of one that never sealed',
      [key(1, 'sealing'), key(2, 'published')],
      [key(1, 'sealing'), key(2, 'published', 1, 9)],
    ],
    [
      'a promotion that a failover has lost',
      [key(1, 'retiring', 2), key(2, 'sealing', 2)],
      [key(1, 'sealing'), key(2, 'published')],
    ],
    ['a revoked key whose row is gone', [key(1, 'revoked'), key(2, 'sealing')], [key(2, 'sealing')]],
  ])('has nothing against %s', (_, known, rows) => {
    expect(olderFault(known, rows)).toBeUndefined();
  });

  it.each([
    ['no rows at all', [key(1, 'sealing')], [], 'key 1 has sealed sessions and is missing'],
    [
      'rows without the key that seals',
      [key(1, 'retiring'), key(2, 'sealing')],
      [key(1, 'sealing')],
      'key 2 has sealed',
    ],
    [
      'another key in the place of one that has sealed',
      [key(1, 'sealing')],
      [key(1, 'sealing', 1, 9)],
      'key 1 has sealed',
    ],
    [
      'a revoked key that is back',
      [key(1, 'revoked', 3), key(2, 'sealing')],
      [key(1, 'sealing', 2), key(2, 'sealing')],
      'key 1 was revoked and is back',
    ],
  ])('refuses %s', (_, known, rows, said) => {
    expect(olderFault(known, rows)).toContain(said);
  });
});
