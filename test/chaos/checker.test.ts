import { describe, expect, it } from 'vitest';
import { check } from './checker.mjs';
import { halfMoves, lostChanges, rowOf, tellApart } from './lost-writes.mjs';

type Line = Record<string, unknown>;

/** A round without a fault's effect, in which one session counts to two. */
const campaign: Line = { type: 'campaign', commitTimeout: 2 };
const round: Line = {
  type: 'round',
  round: 'r0',
  fault: 'cut',
  known: true,
  didStrike: true,
  began: 50,
  ended: 60,
};
const seen = (log: string[], more: Line = {}) => ({
  fresh: false,
  count: log.length,
  log,
  keys: [],
  ...more,
});
const line = (id: string, op: string, startedAt: number, more: Line = {}): Line => {
  const facts = { round: 'r0', session: 's', family: 0, cookie: 'c0', answer: 'acknowledged', status: 200 };
  return { id, op, startedAt, endedAt: startedAt + 5, ...facts, ...more };
};
const begin = line('a', 'begin', 10, { cookie: undefined, set: 'c0', seen: seen(['a'], { fresh: true }) });
const add = line('b', 'increment', 20, { seen: seen(['a', 'b']) });
const read = (at: number, log: string[], more: Line = {}) =>
  line(`r${at}`, 'read', at, { seen: seen(log, more) });

const rulesOf = (...lines: Line[]) => [
  ...new Set(check([campaign, round, begin, ...lines]).broken.map(({ rule }) => rule)),
];

describe('the checker of the campaign', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(rulesOf(add, read(30, ['a', 'b']))).toEqual([]);
  });

  it.each<[string, Line[]]>([
    ['an acknowledged change is lost', [add, read(30, ['a'])]],
    ['a change is there twice', [add, read(30, ['a', 'b', 'b'])]],
    ['a foreign change is there', [add, read(30, ['a', 'b', 'x'])]],
    ['a save is torn', [add, read(30, ['a', 'b'], { count: 1 })]],
    [
      'an acknowledged login is lost',
      [
        line('l', 'login', 20, { seen: seen(['a', 'l'], { subject: 'u' }) }),
        line('r', 'read', 30, { family: 1, seen: seen(['a', 'l']) }),
      ],
    ],
    ['a login came from nowhere', [read(30, ['a'], { subject: 'u' })]],
    ['a session is lost', [line('b', 'increment', 20, { answer: 'refused', status: 401 })]],
    ['the answer is half', [line('b', 'increment', 20, { answer: 'half' })]],
    ['failed without a fault', [line('b', 'increment', 20, { answer: 'failed', status: 503 })]],
    ['failed long after the fault', [line('b', 'increment', 1070, { answer: 'failed', status: 503 })]],
    ['answered too late', [line('b', 'increment', 20, { endedAt: 5100, seen: seen(['a', 'b']) })]],
    ['a process ended', [{ type: 'exit', what: 'express: 1' }]],
  ])('reports: %s', (rule, lines) => {
    expect(rulesOf(...lines)).toEqual([rule]);
  });

  it('lets a change that failed be there or not, but not come late', () => {
    const failed = line('b', 'increment', 52, { answer: 'failed', status: 503 });
    expect(rulesOf(failed, read(70, ['a']))).toEqual([]);
    expect(rulesOf(failed, read(70, ['a', 'b']))).toEqual([]);
    expect(rulesOf(failed, read(2000, ['a']), read(2100, ['a', 'b']))).toEqual(['a change came late']);
  });

  it('reports a change that was answered 503 while nothing reached the database, and is there all the same', () => {
    const closed = { ...round, closed: true, slow: true, ended: 4000 };
    const failed = line('b', 'increment', 100, { answer: 'failed', status: 503 });
    const { broken } = check([campaign, closed, begin, failed, read(5000, ['a', 'b'])]);
    expect(broken.map(({ rule }) => rule)).toEqual(['a change came after its answer']);
  });

  it.each(['logout', 'login', 'regenerate'])('reports a cookie that opens its session after %s', (op) => {
    const end = line('e', op, 20, { seen: seen(['a', 'e'], { subject: op === 'login' ? 'u' : undefined }) });
    const old = line('o', 'read', 30, { seen: end['seen'] });
    expect(rulesOf(end, old)).toEqual(['an ended session opened again']);
    expect(rulesOf(end, { ...old, seen: { fresh: true } })).toEqual([]);
  });

  it('reports a session that a failed move has lost, where the database could be asked', () => {
    const move = line('m', 'login', 52, { answer: 'failed', status: 503 });
    const look = line('o', 'observe', 70, { when: 'calm', seen: { fresh: true } });
    expect(rulesOf(move, look)).toEqual(['a session is lost by a move that failed']);
    const away = { ...round, known: false, ended: 1200 };
    expect(check([campaign, away, begin, move, { ...look, startedAt: 1300, endedAt: 1310 }])).toMatchObject({
      broken: [],
      stranded: [{ rule: 'stranded' }],
    });
  });

  it('reports a row that changes in the calm', () => {
    const snapshot = (is: string): Line => ({
      type: 'snapshot',
      when: 'calm',
      round: 'r0',
      at: 90,
      rows: { k: [is, 1] },
    });
    expect(rulesOf(snapshot('1'), snapshot('1'))).toEqual([]);
    expect(rulesOf(snapshot('1'), snapshot('2'))).toEqual(['a row changed after the answers']);
  });
});

describe('what Redis itself has lost', () => {
  const cookie = Buffer.alloc(53, 7).toString('base64url');
  const own = { ...add, cookie };
  const lines = [campaign, round, begin, own, read(30, ['a'])];
  const { broken } = check(lines);
  const lost = (...rows: string[]): Line => ({ type: 'lost', round: 'r0', rows, ends: [] });

  it('is told apart by the rows that the dead server had and its heir does not have', () => {
    expect(broken.map(({ rule }) => rule)).toEqual(['an acknowledged change is lost']);
    const apart = tellApart(broken, [...lines, lost(rowOf(cookie))]);
    expect([apart.broken, apart.lost.length, lostChanges(apart.lost)]).toEqual([[], 1, 1]);
  });

  it('excuses no loss in another session, and no fault of another kind', () => {
    expect(tellApart(broken, [...lines, lost('another')]).broken).toEqual(broken);
    const twice = [campaign, round, begin, own, read(30, ['a', 'b', 'b'])];
    const found = check(twice).broken;
    expect(tellApart(found, [...twice, lost(rowOf(cookie))]).broken).toEqual(found);
  });

  it('explains a change that came late only where a row is live again beside the one that it was moved to', () => {
    const failed = { ...line('b', 'increment', 52, { answer: 'failed', status: 503 }), cookie };
    const late = [campaign, round, begin, failed, read(2000, ['a']), read(2100, ['a', 'b'])];
    const found = check(late).broken;
    expect(found.map(({ rule }) => rule)).toEqual(['a change came late']);
    expect(tellApart(found, [...late, lost(rowOf(cookie))]).broken).toEqual(found);
    const again: Line = { ...lost(rowOf(cookie)), ends: [rowOf(cookie)] };
    expect(tellApart(found, [...late, again]).broken).toEqual([]);
  });

  it('does not explain a row that says where its session is while that row is missing', () => {
    const end = (rows: Line): Line => ({ type: 'snapshot', when: 'end', round: 'end', at: 90, rows });
    const moved = { old: ['2:moved', 1, 'new'] };
    expect(halfMoves([end({ ...moved, new: ['1:live', 1] })])).toEqual([]);
    expect(halfMoves([end(moved), lost('new')])).toEqual([]);
    expect(halfMoves([end(moved)]).map(({ rule }) => rule)).toEqual(['a move is half done']);
  });
});
