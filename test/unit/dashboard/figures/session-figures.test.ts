import { describe, expect, it } from 'vitest';
import { SESSION_EVENTS, SessionEvents } from 'nestjs-session-crypto';
import { COLUMNS, REJECTS } from '../../../../lib/dashboard/figures/columns.js';
import { localCharts } from '../../../../lib/dashboard/figures/local-charts.js';
import { SessionFigures } from '../../../../lib/dashboard/figures/session-figures.js';
import { latencyIn, snapshotOf, sumIn, together } from '../../../../lib/dashboard/figures/snapshot.js';

const START = Date.UTC(2026, 0, 1, 12);

function begin() {
  const clock = { now: 0 };
  const figures = new SessionFigures('default', { steady: () => clock.now, wall: () => START + clock.now });
  const events = new SessionEvents();
  figures.listen(events);
  return { clock, figures, events };
}

const session = 'default';

describe('SessionFigures', () => {
  it('counts rejects by their reasons, and an unknown reason as another', () => {
    const { figures, events } = begin();
    for (const reason of ['tag', 'tag', 'unknown-key', 'brand-new'] as 'tag'[])
      events.emit('rejected', { session, reason });
    const { lastHour, rejected } = snapshotOf(figures);
    expect(sumIn(lastHour, ['reject.tag'])).toBe(2);
    expect(sumIn(lastHour, ['reject.unknown-key'])).toBe(1);
    expect(sumIn(lastHour, ['reject.other'])).toBe(1);
    expect(rejected.at(-1)).toBe(4);
  });

  it('counts a logout once, although it emits two events', () => {
    const { figures, events } = begin();
    events.emit('ended', { session, id: 'x' });
    events.emit('signedOut', { session, id: 'x', subject: 'ada', why: 'logout' });
    events.emit('signedOut', { session, id: undefined, subject: 'ada', why: 'revoked' });
    expect(snapshotOf(figures).ended.at(-1)).toBe(2);
  });

  it('counts what happened an hour ago in the twelve hours and not in the last one', () => {
    const { clock, figures, events } = begin();
    events.emit('created', { session, id: 'x' });
    clock.now += 61 * 60_000;
    const { lastHour, all } = snapshotOf(figures);
    expect([sumIn(lastHour, ['created']), sumIn(all, ['created'])]).toEqual([0, 1]);
  });

  it('times reads and writes of the store, and not what an operator asks it', () => {
    const { clock, figures } = begin();
    const timed = (step: 'load' | 'store', detail: string, took: number, failed?: string) => {
      const end = figures.begin(step, session, detail);
      clock.now += took;
      end(failed);
    };
    timed('load', 'load', 2);
    timed('store', 'replace', 20);
    timed('store', 'count', 2000);
    timed('load', 'load', 5000, 'timeout');
    const { lastHour } = snapshotOf(figures);
    expect(latencyIn(lastHour, 'read')!.p99).toBeLessThan(4);
    expect(latencyIn(lastHour, 'write')!.p50).toBeGreaterThan(10);
    expect(latencyIn(lastHour, 'write')!.p99).toBeLessThan(40);
    expect(sumIn(lastHour, ['read.failed', 'write.failed'])).toBe(1);
  });

  it('does not count what belongs to another session', () => {
    const { figures } = begin();
    figures.begin('load', 'other', 'load')();
    figures.openedBy('other', 'aabbccdd');
    figures.joined('other');
    figures.merged('other');
    const { all, keys } = snapshotOf(figures);
    expect(all.every((count) => count === 0)).toBe(true);
    expect(keys).toEqual([]);
  });

  it('remembers how often and when a key has opened something', () => {
    const { clock, figures } = begin();
    figures.openedBy(session, 'aabbccdd');
    clock.now += 5000;
    figures.openedBy(session, 'aabbccdd');
    expect(snapshotOf(figures).keys).toEqual([{ hint: 'aabbccdd', opens: 2, lastAt: START + 5000 }]);
  });

  it('keeps the keys that were used last, when there are too many', () => {
    const { clock, figures } = begin();
    for (let i = 0; i < 100; i++, clock.now++) figures.openedBy(session, String(i));
    const { keys } = snapshotOf(figures);
    expect(keys).toHaveLength(32);
    expect(keys[0]!.hint).toBe('99');
  });

  it('keeps one row of what happens again and again, so that nobody hides a row behind many', () => {
    const { figures, events } = begin();
    events.emit('keysFailed', { session, message: 'a path, perhaps' });
    for (let i = 0; i < 1000; i++) events.emit('reused', { session, subject: `s${i}` });
    for (let i = 0; i < 1000; i++) events.emit('keyMissing', { session, sessions: i });
    expect(figures.happenings.all().map(({ times }) => times)).toEqual([1000, 1000, 1]);
  });

  it('shows the last count of a group, and a gap where nobody has counted', () => {
    const { clock, figures } = begin();
    figures.counted(0);
    clock.now += 60_000;
    figures.counted(7);
    const { sessions } = localCharts(figures);
    expect(sessions.at(-1)).toBe(7);
    expect(sessions.slice(0, -1).every((value) => value === undefined)).toBe(true);
  });

  it('hears nothing after its stop', () => {
    const { figures, events } = begin();
    figures.stop();
    for (const name of SESSION_EVENTS) events.emit(name, {} as never);
    expect(snapshotOf(figures).all.every((count) => count === 0)).toBe(true);
    expect(figures.happenings.all()).toEqual([]);
  });

  it('adds up what several processes counted', () => {
    const [one, other] = [begin(), begin()];
    one.events.emit('created', { session, id: 'x' });
    other.events.emit('created', { session, id: 'y' });
    one.figures.openedBy(session, 'aabbccdd');
    other.clock.now += 9000;
    other.figures.openedBy(session, 'aabbccdd');
    one.figures.seals.look(['aabbccdd'], START + 7000);
    other.figures.seals.look(['aabbccdd'], START + 5000);
    const sum = together([snapshotOf(one.figures), snapshotOf(other.figures)]);
    expect(sum.begun.at(-1)).toBe(2);
    expect(sum.keys).toEqual([{ hint: 'aabbccdd', opens: 2, lastAt: START + 9000 }]);
    expect(sum.seals).toEqual([{ hint: 'aabbccdd', lastAt: START + 7000 }]);
  });

  it('has a column for every reason of a reject', () => {
    expect(COLUMNS).toEqual(expect.arrayContaining(Object.keys(REJECTS).map((reason) => `reject.${reason}`)));
    expect(new Set(COLUMNS).size).toBe(COLUMNS.length);
  });
});
