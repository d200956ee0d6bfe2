import { describe, expect, it } from 'vitest';
import { judgeProcesses, lastChangeOf, type OwnReading } from '../../../lib/ring/judge-processes.js';
import type { ReportedProcess } from '../../../lib/ring/ring-process.interface.js';
import type { KeyRow } from '../../../lib/stores/key-row-store.interface.js';

const at = (seconds: number) => new Date(1_800_000_000_000 + 1000 * seconds);

const OWN: OwnReading = { id: 1, hints: [5, 6], rows: [], readAt: at(100), changedAt: at(50), now: at(110) };

const reported = (seconds: number, hints: readonly number[], id = 2): ReportedProcess => ({
  id,
  startedAt: at(0),
  reportedAt: at(seconds),
  report: { label: 'host:1', hints, fault: '' },
});

const stateOf = (process: ReportedProcess, own: Partial<OwnReading> = {}) =>
  judgeProcesses([process], { ...OWN, ...own })[0]!.state;

describe('judgeProcesses', () => {
  it.each([
    ['the same ring', 60, [5, 6], 'agrees'],
    ['a ring that lacks a key', 60, [5], 'behind'],
    ['a ring that seals by another key', 60, [6, 5], 'behind'],
    ['a further key, which was dropped', 60, [5, 6, 7], 'agrees'],
    ['another ring, before the change', 49, [6], 'agrees'],
    ['another ring, within the margin of the change', 51, [6], 'agrees'],
    ['another ring, after our own reading', 101, [6], 'agrees'],
  ])('finds %s', (_, seconds, hints, state) => {
    expect(stateOf(reported(seconds, hints))).toBe(state);
  });

  it('never finds itself behind or silent', () => {
    expect(stateOf(reported(60, [6], 1))).toBe('agrees');
    expect(stateOf(reported(60, [5, 6], 1), { now: at(1000) })).toBe('agrees');
  });

  it('takes whoever has not reported for three minutes for silent', () => {
    expect(stateOf(reported(60, [5, 6]), { now: at(240) })).toBe('agrees');
    expect(stateOf(reported(60, [5, 6]), { now: at(241) })).toBe('silent');
    expect(stateOf({ ...reported(60, []), report: undefined }, { now: at(241) })).toBe('silent');
  });
});

describe('lastChangeOf', () => {
  const row = (times: Partial<KeyRow>) => ({ createdAt: at(0), sealsAt: at(0), ...times }) as KeyRow;

  it('gives the last moment that is not to come', () => {
    const rows = [row({ sealsAt: at(900) }), row({ retiresAt: at(70) }), row({ createdAt: at(60) })];
    expect(lastChangeOf({ rows, now: at(100) })).toEqual(at(70));
    expect(lastChangeOf({ rows: [], now: at(100) })).toEqual(new Date(0));
  });
});
