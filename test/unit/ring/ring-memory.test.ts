import { describe, expect, it } from 'vitest';
import { RingMemory } from '../../../lib/ring/ring-memory.js';
import type { KeyRow, KeyState } from '../../../lib/stores/key-row-store.interface.js';

const time = new Date(0);
const times = { createdAt: time, sealsAt: time, retiresAt: undefined, dropsAt: undefined };
const key = (id: number, state: KeyState, version = 1, hint = id): KeyRow => ({
  ...times,
  id,
  state,
  version,
  hint,
  wrapped: Buffer.alloc(state === 'revoked' ? 0 : 32, hint),
});
const over = (id: number): KeyRow => ({ ...key(id, 'retiring'), retiresAt: time, dropsAt: time });

/** The memory of a process that has read these rows, one set after the other. */
function memoryOf(...readings: readonly KeyRow[][]): RingMemory {
  const memory = new RingMemory();
  for (const rows of readings) memory.take(rows);
  return memory;
}

describe('RingMemory.faultOf', () => {
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
    expect(memoryOf(known).faultOf(rows)).toBeUndefined();
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
    expect(memoryOf(known).faultOf(rows)).toContain(said);
  });
});

describe('RingMemory, after a key has gone', () => {
  const dropped = memoryOf([key(1, 'retiring'), key(2, 'sealing')], [key(2, 'sealing')]);
  const revoked = memoryOf([key(1, 'revoked', 2), key(2, 'sealing')], [key(2, 'sealing')]);

  it.each([
    ['a dropped key that is back', dropped, [key(1, 'retiring'), key(2, 'sealing')], 'was dropped'],
    ['a revoked key that is back', revoked, [key(1, 'retiring'), key(2, 'sealing')], 'was revoked'],
    [
      'a revoked key under a new number',
      revoked,
      [key(2, 'sealing'), key(3, 'published', 1, 1)],
      'was revoked',
    ],
    [
      'an old key below a revoked row, which anybody can write',
      dropped,
      [key(1, 'sealing'), key(1000, 'revoked', 1, 7)],
      'key 2 has sealed',
    ],
    [
      'a key that was dropped before the start',
      memoryOf([key(5, 'sealing')]),
      [key(3, 'retiring'), key(5, 'sealing')],
      'key 3',
    ],
  ])('refuses %s', (_, memory, rows, said) => {
    expect(memory.faultOf(rows)).toContain(said);
  });

  it('has nothing against a published key that is made again after a failover has lost it', () => {
    const memory = memoryOf([key(1, 'sealing'), key(2, 'published')], [key(1, 'sealing')]);
    expect(memory.faultOf([key(1, 'sealing'), key(2, 'published', 1, 9)])).toBeUndefined();
  });

  it('leaves out a key whose drop a failover has lost, until the plan drops it again', () => {
    expect(dropped.living([over(1), key(2, 'sealing')], time)).toEqual([key(2, 'sealing')]);
    const before = memoryOf([over(1), key(2, 'sealing')]);
    expect(before.living([over(1), key(2, 'sealing')], time)).toHaveLength(2);
  });
});

describe('RingMemory.isSame', () => {
  const row = key(1, 'sealing');
  const memory = memoryOf([row]);

  it.each([
    ['key', { wrapped: Buffer.alloc(32, 9) }],
    ['hint', { hint: 9 }],
    ['state', { state: 'retiring' as const }],
    ['version', { version: 2 }],
    ['time', { dropsAt: new Date(1) }],
  ])('is false for a row with another %s', (_, change) => {
    expect(memory.isSame([{ ...row }])).toBe(true);
    expect(memory.isSame([{ ...row, ...change }])).toBe(false);
  });
});
