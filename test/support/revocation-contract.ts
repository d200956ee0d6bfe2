/** What holds for a source of revocations, whatever store keeps its rows. */
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import type { RevocationSource } from 'nestjs-session-crypto';
import { MarkCache } from '../../lib/persistence/marks/mark-cache.js';
import { MarkRows } from '../../lib/persistence/marks/mark-rows.js';
import { longestLife, Revocations } from '../../lib/persistence/marks/revocations.js';
import { emptyRecord, type SessionRecord } from '../../lib/record/session-record.js';

const TIMEOUTS = {
  idleTimeout: 1440,
  absoluteTimeout: 28_800,
  regenerateInterval: 900,
  graceTime: 60,
  touchInterval: 60,
};

/** A process that knows the source. */
export interface Process {
  readonly revocations: Revocations;
  /** Seconds that its clock is ahead. */
  ahead: number;
}

export function processOf({ store }: RevocationSource, generations = false): Process {
  const one = { ahead: 0 } as { ahead: number; revocations: Revocations };
  one.revocations = new Revocations({
    cache: new MarkCache(new MarkRows(store)),
    generations,
    longestLife: longestLife([TIMEOUTS]),
    graceTime: TIMEOUTS.graceTime,
    now: () => Math.floor(Date.now() / 1000) + one.ahead,
  });
  return one;
}

const subjectOf = () => `subject ${randomBytes(6).toString('hex')}`;
const sessionOf = (part: Partial<SessionRecord> = {}): SessionRecord => ({
  ...emptyRecord(Math.floor(Date.now() / 1000), 1440, 28_800),
  ...part,
});

/** A session of the subject that logs in now. */
const logIn = async ({ revocations }: Process, subject: string): Promise<SessionRecord> =>
  sessionOf({ subject, epoch: await revocations.epochOf(subject) });

const kindOf = async ({ revocations }: Process, record: SessionRecord): Promise<string> =>
  (await revocations.judge(record)).kind;

/** Seconds after which another process has read everything anew. */
const LATEST = 30;

type Case = readonly [title: string, run: (source: RevocationSource) => Promise<void>];

export const REVOCATION_CONTRACT: readonly Case[] = [
  [
    'ends a session at once where it was seen, and within 30 s elsewhere',
    async (source) => {
      const [here, there] = [processOf(source), processOf(source)];
      const record = sessionOf();
      expect([await kindOf(here, record), await kindOf(there, record)]).toEqual(['live', 'live']);
      expect(await here.revocations.end(record.id)).toBe(true);
      expect(await kindOf(here, record)).toBe('ended');
      there.ahead = LATEST;
      expect(await kindOf(there, record)).toBe('ended');
      expect(await kindOf(there, sessionOf())).toBe('live');
    },
  ],
  [
    'tells exactly one of many that it has ended a session',
    async (source) => {
      const record = sessionOf();
      const all = Array.from({ length: 8 }, () => processOf(source, true));
      const first = await Promise.all(all.map(({ revocations }) => revocations.end(record.id)));
      expect(first.filter(Boolean)).toHaveLength(1);
    },
  ],
  [
    'ends a session for one subject only where its subject was not known',
    async (source) => {
      const one = processOf(source);
      const [ada, eve] = [subjectOf(), subjectOf()];
      const record = await logIn(one, ada);
      await one.revocations.endOf(record.id, eve);
      expect(await kindOf(one, record)).toBe('live');
      await one.revocations.endOf(record.id, ada);
      await one.revocations.endOf(record.id, ada);
      expect(await kindOf(one, record)).toBe('ended');
    },
  ],
  [
    'ends all sessions of a subject but one, and none that begins afterwards',
    async (source) => {
      const [here, there] = [processOf(source), processOf(source)];
      const subject = subjectOf();
      const [kept, other] = [await logIn(there, subject), await logIn(here, subject)];
      const strangers = await logIn(here, subjectOf());
      expect(await kindOf(there, other)).toBe('live');
      await here.revocations.endSubject(subject, kept.id);
      const later = await logIn(there, subject);
      there.ahead = LATEST;
      for (const one of [here, there])
        expect(
          await Promise.all([kept, other, strangers, later].map((record) => kindOf(one, record))),
        ).toEqual(['live', 'ended', 'live', 'live']);
    },
  ],
  [
    'keeps a session through several revocations, and never one that an earlier one has ended',
    async (source) => {
      const one = processOf(source);
      const subject = subjectOf();
      const [kept, other] = [await logIn(one, subject), await logIn(one, subject)];
      await one.revocations.endSubject(subject, kept.id);
      await one.revocations.endSubject(subject, kept.id);
      expect(await kindOf(one, kept)).toBe('live');
      await one.revocations.endSubject(subject, other.id);
      expect([await kindOf(one, kept), await kindOf(one, other)]).toEqual(['ended', 'ended']);
    },
  ],
  [
    'loses none of many revocations of one subject at once',
    async (source) => {
      const all = Array.from({ length: 6 }, () => processOf(source));
      const subject = subjectOf();
      const before = await logIn(all[0]!, subject);
      await Promise.all(all.map(({ revocations }) => revocations.endSubject(subject)));
      const fresh = processOf(source);
      expect(await kindOf(fresh, before)).toBe('ended');
      expect(await kindOf(fresh, await logIn(fresh, subject))).toBe('live');
    },
  ],
  [
    'makes one generation out of two that begin with the same state',
    async (source) => {
      const [here, there] = [processOf(source, true), processOf(source, true)];
      const before = sessionOf({ generation: 5 });
      const next = { ...before, generation: 6 };
      const made = await Promise.all([here, there].map(({ revocations }) => revocations.advance(next)));
      expect(made.toSorted()).toEqual([false, true]);
      const fresh = processOf(source, true);
      expect([await kindOf(fresh, before), await kindOf(fresh, next)]).toEqual(['superseded', 'live']);
      fresh.ahead = 61;
      expect(await kindOf(fresh, before)).toBe('stale');
    },
  ],
  [
    'makes no generation of a session that has ended',
    async (source) => {
      const one = processOf(source, true);
      const record = sessionOf();
      await one.revocations.end(record.id);
      expect(await one.revocations.advance({ ...record, generation: 1 })).toBe(false);
      await one.revocations.prolong(record.id);
      expect(await kindOf(one, record)).toBe('ended');
    },
  ],
  [
    'is not seen as a session by counts and scans that look for live ones',
    async (source) => {
      const { store } = source;
      await store.prune?.();
      const counted = await store.count?.(new Date(0));
      await processOf(source).revocations.endSubject(subjectOf());
      expect(await store.count?.(new Date(0))).toBe(counted);
    },
  ],
];
