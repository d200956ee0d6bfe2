import { describe, expect, it } from 'vitest';
import { check } from './checker.mjs';

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
