import { describe, expect, it } from 'vitest';
import { ForeignRevocations } from '../../../../lib/persistence/marks/foreign-revocations.js';
import { MarkRows } from '../../../../lib/persistence/marks/mark-rows.js';
import { MemoryStore } from '../../../../lib/stores/memory.store.js';

const NOW = 1_800_000_000;
const END = NOW + 1000;

function setUp() {
  const time = { seconds: NOW };
  const now = () => time.seconds;
  const store = new MemoryStore({ now: () => new Date(1000 * now()) });
  const revocations = new ForeignRevocations({ marks: new MarkRows(store), migrationEnd: END, now });
  return { time, store, revocations };
}

describe('ForeignRevocations', () => {
  it('ends the sessions of one subject that began before', async () => {
    const { revocations } = setUp();
    expect(await revocations.hasEnded('bob', 0)).toBe(false);
    await revocations.endSubject('bob');
    expect(await revocations.hasEnded('bob', 0)).toBe(true);
    expect(await revocations.hasEnded('bob', NOW - 1)).toBe(true);
    expect(await revocations.hasEnded('bob', NOW)).toBe(false);
    expect(await revocations.hasEnded('ada', 0)).toBe(false);
    expect(await revocations.hasEnded(undefined, 0)).toBe(false);
  });

  it('ends the sessions of everybody that began before', async () => {
    const { revocations } = setUp();
    await revocations.endAll();
    for (const subject of ['bob', undefined]) {
      expect(await revocations.hasEnded(subject, NOW - 1)).toBe(true);
      expect(await revocations.hasEnded(subject, NOW)).toBe(false);
    }
  });

  it('moves on with a later revocation, and never back', async () => {
    const { time, revocations } = setUp();
    for (const seconds of [NOW + 50, NOW + 20]) {
      time.seconds = seconds;
      await revocations.endSubject('bob');
    }
    expect(await revocations.hasEnded('bob', NOW + 49)).toBe(true);
  });

  it('remembers until the end of the migration, and writes nothing after it', async () => {
    const { time, store, revocations } = setUp();
    await revocations.endSubject('bob');
    time.seconds = END - 1;
    expect(await revocations.hasEnded('bob', 0)).toBe(true);
    time.seconds = END;
    expect(await store.prune()).toBe(1);
    await revocations.endSubject('bob');
    await revocations.endAll();
    expect(await store.count()).toBe(0);
  });
});
