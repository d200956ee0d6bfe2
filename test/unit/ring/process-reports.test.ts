import { describe, expect, it } from 'vitest';
import { ProcessReports } from '../../../lib/ring/process-reports.js';
import type { WrappedKeys } from '../../../lib/ring/wrapped-keys.js';
import type { KeyFacts, KeyRow } from '../../../lib/stores/key-row-store.interface.js';
import { memoryKeyStore } from '../../../lib/stores/memory-key.store.js';

const at = (seconds: number) => new Date(1_800_000_000_000 + 1000 * seconds);

/** A wrapping that shows what it wraps. test/unit/checkup/ring-part.test.ts has the real one. */
const OPEN = {
  wrap: async (bytes: Buffer, facts: KeyFacts): Promise<KeyRow> => ({
    ...facts,
    wrapped: Buffer.from(bytes),
  }),
  unwrap: async ({ wrapped }: KeyRow) => ({ bytes: Buffer.from(wrapped), stale: false }),
} as unknown as WrappedKeys;

const NAME = 'default\tprocesses';

function reportsOf(store = memoryKeyStore(), label = 'host:1') {
  return { store, reports: new ProcessReports({ store, name: NAME, wrapping: OPEN, label }) };
}

describe('ProcessReports', () => {
  it('keeps one row for each process, with the last report', async () => {
    const { store, reports } = reportsOf();
    for (const seconds of [0, 30, 60]) await reports.write({ hints: [seconds], fault: '' }, at(seconds));
    expect(await reports.read(at(60))).toEqual([
      {
        id: reports.id,
        startedAt: at(0),
        reportedAt: at(60),
        report: { label: 'host:1', hints: [60], fault: '' },
      },
    ]);
    expect((await store.load(NAME)).rows).toMatchObject([{ version: 3, hint: 60, dropsAt: at(660) }]);
  });

  it('shows no report whose time is over, however many there are, and removes some of them', async () => {
    const { store, reports } = reportsOf();
    for (let i = 0; i < 50; i++) await reportsOf(store).reports.write({ hints: [1], fault: '' }, at(0));
    await reports.write({ hints: [1], fault: '' }, at(601));
    expect(await reports.read(at(601))).toHaveLength(1);
    expect((await store.load(NAME)).rows).toHaveLength(31);
  });

  it('lets no name of a host act in a terminal, or be long', async () => {
    const { store } = reportsOf();
    const { reports } = reportsOf(store, `a\x1b[2J${'x'.repeat(500)}`);
    await reports.write({ hints: [1], fault: '' }, at(0));
    const [{ report } = {}] = await reports.read(at(0));
    expect(report!.label).toBe(`a?[2J${'x'.repeat(95)}`);
  });

  it.each(['', '{}', '[]', 'null', '{"hints":["a"]}', '{"hints":{}}'])(
    'takes %j, of another version, for no report',
    async (text) => {
      const { store, reports } = reportsOf();
      const row = await OPEN.wrap(Buffer.from(text), { id: 7, sealsAt: at(0), createdAt: at(0) } as KeyFacts);
      await store.insert(NAME, row);
      expect(await reports.read(at(0))).toEqual([
        { id: 7, startedAt: at(0), reportedAt: at(0), report: undefined },
      ]);
    },
  );
});
