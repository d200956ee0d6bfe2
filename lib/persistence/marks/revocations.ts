import { andThen, type Awaitable } from '../../crypto/awaitable.js';
import { NEVER, toDate, type SessionTimeouts } from '../../record/session-lifetime.js';
import type { SessionRecord } from '../../record/session-record.js';
import type { MarkCache } from './mark-cache.js';
import {
  decodeEpoch,
  decodeId,
  encodeEnded,
  encodeEpoch,
  encodeGenerations,
  subjectHash,
  type EpochMark,
  type IdMark,
} from './mark-content.js';
import { markKey, type MarkWriting } from './mark-rows.js';

/** Everything that {@link Revocations} works with. */
export interface RevocationParts {
  readonly cache: MarkCache;
  /** True to remember the highest generation of each session. */
  readonly generations: boolean;
  /** Seconds for which a session can live, see {@link longestLife}. */
  readonly longestLife: number;
  /** Seconds in which requests that began before an end may still be under way. */
  readonly graceTime: number;
  /** Seconds since 1970 until which a foreign session may still come in: so long the mark of a subject stays; 0 for none. */
  readonly migrationEnd?: number;
  now(): number;
}

/** What the marks say of a sealed session. `live`: it counts. `superseded`: the session was changed a moment ago, and this is its
 *  state before. `stale`: it was changed long ago. `ended`: it counts no more since `at`, in seconds since 1970. */
export type Judgement =
  | { readonly kind: 'live' | 'superseded'; readonly epoch: number }
  | { readonly kind: 'stale' }
  | { readonly kind: 'ended'; readonly at: number };

/** Seconds that a mark stays longer than the sessions that it is about: clocks differ, and what is known elsewhere is up to 30 s
 *  old. */
const SLACK = 300;

/** The mark of all, which stays for good. */
const ALL = markKey('all');
const NO_EPOCH = { epoch: 0, keptFrom: 0 };
const idKey = (id: Buffer) => markKey('id', id);
const idOfKey = (id: Buffer, subject: string) => markKey('id-of', id, subject);
const subjectKey = (subject: string) => markKey('subject', subject);

/** Knows which sessions in cookies count no more: a list of ids, an epoch for each subject and one for all, and on demand the
 *  highest generation of each session. */
export class Revocations {
  /** Seconds for which a session can live, also one of another application that shares the marks: each writes it into the mark
   *  of all before it seals its first session. No mark may be gone before all that it has ended are. */
  private longest: number;

  constructor(private readonly parts: RevocationParts) {
    this.longest = parts.longestLife;
  }

  /** Judges a session, on the same tick where all is known. */
  judge(record: SessionRecord): Awaitable<Judgement> {
    return this.judgeBy('get', record);
  }

  /** Judges a session before its cookie is sent, past what this process remembers: the browser may have another one by now. */
  judgeNow(record: SessionRecord): Awaitable<Judgement> {
    return this.judgeBy('read', record);
  }

  private judgeBy(how: 'get' | 'read', record: SessionRecord): Awaitable<Judgement> {
    const { id, subject } = record;
    const keys = [ALL, idKey(id)];
    if (subject !== undefined) keys.push(subjectKey(subject), idOfKey(id, subject));
    const now = this.parts.now();
    const marks = keys.map((key) => this.parts.cache[how](key, now));
    return andThen(together(marks), ([all, ofId, ofSubject, ofIdOf]) => {
      const epochs = [this.seeAll(all), decodeEpoch(ofSubject)];
      return judgement(record, [decodeId(ofId), decodeId(ofIdOf)], epochs, now - this.grace);
    });
  }

  /** Resolves to the epoch that a new session of the subject is sealed in. It is read, since one that is known may be old. */
  async epochOf(subject: string | undefined): Promise<number> {
    const keys = subject === undefined ? [ALL] : [ALL, subjectKey(subject)];
    const now = this.parts.now();
    const marks = await Promise.all(keys.map((key) => this.parts.cache.read(key, now)));
    if (!this.isTold(this.seeAll(marks[0]))) await this.tellLongest();
    return Math.max(...marks.map((mark) => decodeEpoch(mark)?.epoch ?? 0));
  }

  /** Writes into the mark of all for how long a session of this application can live. */
  private async tellLongest(): Promise<void> {
    await this.change(ALL, (present) => {
      const all = this.seeAll(present);
      return this.isTold(all) ? undefined : this.encodeAll(all ?? NO_EPOCH);
    });
  }

  private isTold(all: EpochMark | undefined): boolean {
    return (all?.longestLife ?? 0) >= this.parts.longestLife;
  }

  /** Reads the mark of all. It has the longest life that is known then. */
  private seeAll(present: Buffer | undefined): EpochMark | undefined {
    const all = decodeEpoch(present);
    this.longest = Math.max(this.longest, all?.longestLife ?? 0);
    return all;
  }

  private encodeAll({ epoch, keptFrom }: Pick<EpochMark, 'epoch' | 'keptFrom'>): Buffer {
    return encodeEpoch({ epoch, keptFrom, kept: undefined, longestLife: this.longest });
  }

  /** Ends the session with this id. Resolves to false if it had ended before. `login` is the subject whose login ends it, and
   *  `successor` the id of the session that its holder goes on with. */
  async end(
    id: Buffer,
    { login, successor, until }: { login?: string; successor?: Buffer; until?: number | undefined } = {},
  ): Promise<boolean> {
    let isFirst = false;
    const at = this.parts.now();
    const subject = login === undefined ? undefined : subjectHash(login);
    const make = (present: Buffer | undefined) => {
      isFirst = decodeId(present)?.kind !== 'ended';
      return isFirst ? encodeEnded({ at, successor, subject }) : undefined;
    };
    this.seeAll(await this.parts.cache.get(ALL, at));
    await this.change(idKey(id), make, { isNew: !this.parts.generations, until });
    return isFirst;
  }

  /** Resolves to the id of the session that its holder has made of this one; `undefined` if there is none. */
  async successorOf(id: Buffer): Promise<Buffer | undefined> {
    const mark = decodeId(await this.parts.cache.read(idKey(id), this.parts.now()));
    return mark?.kind === 'ended' ? mark.successor : undefined;
  }

  /** Ends the session with this id if it is the subject's. Nobody on the server knows whose it is, so the cookie is asked when it
   *  comes. */
  async endOf(id: Buffer, subject: string): Promise<void> {
    const at = this.parts.now();
    this.seeAll(await this.parts.cache.get(ALL, at));
    await this.change(idOfKey(id, subject), () => encodeEnded({ at }), { isNew: true });
  }

  /** Ends all sessions of a subject that were sealed until now, except the one with the id `kept`. */
  async endSubject(subject: string, kept?: Buffer): Promise<void> {
    for (let epoch = 0, last = 0; ;) {
      epoch = await this.epochAfter(last);
      const make = (present: Buffer | undefined) => {
        const before = decodeEpoch(present);
        last = before?.epoch ?? 0;
        const keptFrom = before?.kept && kept?.equals(before.kept) ? before.keptFrom : last;
        return last < epoch ? encodeEpoch({ epoch, kept, keptFrom, longestLife: undefined }) : undefined;
      };
      await this.change(subjectKey(subject), make, {}, this.parts.migrationEnd);
      if (last < epoch || last >= NEVER) return; // otherwise another revocation came between
    }
  }

  /** Ends all sessions of everybody that were sealed until now. */
  async endAll(): Promise<void> {
    const now = this.parts.now();
    await this.change(ALL, (present) => {
      const highest = this.seeAll(present);
      const last = highest ? Math.max(highest.epoch, highest.keptFrom) : 0;
      const epoch = Math.min(NEVER, Math.max(now, last + 1));
      return this.encodeAll({ epoch, keptFrom: epoch });
    });
  }

  /** Resolves to an epoch for a subject that is above `last` and above that of all, so that no session has reached it. The mark of
   *  all keeps the highest one, so that the next end of all is above each. */
  private async epochAfter(last: number): Promise<number> {
    const now = this.parts.now();
    let epoch = 0;
    await this.change(ALL, (present) => {
      const all = this.seeAll(present) ?? NO_EPOCH;
      epoch = Math.min(NEVER, Math.max(now, last + 1, all.epoch + 1));
      return all.keptFrom < epoch ? this.encodeAll({ epoch: all.epoch, keptFrom: epoch }) : undefined;
    });
    return epoch;
  }

  /** Makes the next generation of a session, unless the session has ended or another one was made since. Resolves to false
   *  then. */
  async advance({ id, generation }: SessionRecord, until?: number): Promise<boolean> {
    let isNext = false;
    const at = this.parts.now();
    const make = (present: Buffer | undefined) => {
      const mark = decodeId(present);
      isNext = !mark || (mark.kind === 'generations' && mark.generation === generation - 1);
      const moments = mark?.kind === 'generations' ? mark.moments : [];
      return isNext ? encodeGenerations({ generation, moments: [at, ...moments] }) : undefined;
    };
    await this.change(idKey(id), make, { until });
    return isNext;
  }

  /** Keeps what is known of a session for as long as it can live now. */
  async prolong(id: Buffer): Promise<void> {
    await this.change(idKey(id), (present) => present);
  }

  /** True if a login of this subject has ended the session within the grace period. */
  async isEndedByLogin(id: Buffer, subject: string): Promise<boolean> {
    const now = this.parts.now();
    const mark = decodeId(await this.parts.cache.get(idKey(id), now));
    if (mark?.kind !== 'ended' || now >= mark.at + this.grace) return false;
    return mark.subject?.equals(subjectHash(subject)) === true;
  }

  /** True while requests that began before the end may still be under way. */
  isRecent(at: number): boolean {
    return this.parts.now() < at + this.grace;
  }

  private get grace(): number {
    return Math.max(1, this.parts.graceTime);
  }

  private change(
    key: Buffer,
    make: (present: Buffer | undefined) => Buffer | undefined,
    options?: MarkWriting,
    neededUntil = 0,
  ): Promise<unknown> {
    const { cache, now } = this.parts;
    const end = Math.max(neededUntil, now() + this.longest + SLACK);
    const deadline = key === ALL ? NEVER : Math.min(NEVER, end);
    return cache.change(key, make, toDate(deadline), now(), options);
  }
}

/** Returns the seconds after which every session that is sealed now has ended, if one of these timeouts holds for it: so long
 *  a mark is needed. A session that nothing ends lives as long as a moment can be written. */
export const longestLife = (all: readonly SessionTimeouts[]): number =>
  Math.max(...all.map(({ idleTimeout, absoluteTimeout }) => absoluteTimeout || idleTimeout || NEVER));

/** Waits only if one of the values is to come. */
const together = <T>(values: readonly Awaitable<T>[]): Awaitable<readonly T[]> =>
  values.some((value) => value instanceof Promise) ? Promise.all(values) : (values as readonly T[]);

/** `graceBegan` is the moment before which a change lies too far back. */
function judgement(
  { id, epoch, generation }: SessionRecord,
  ids: readonly (IdMark | undefined)[],
  epochs: readonly (EpochMark | undefined)[],
  graceBegan: number,
): Judgement {
  const ends = ids.flatMap((mark) => (mark?.kind === 'ended' ? mark.at : []));
  const passed = epochs.filter((mark) => mark && !reaches(id, epoch, mark));
  const ended = [...ends, ...passed.map((mark) => mark!.epoch)];
  if (ended.length) return { kind: 'ended', at: Math.min(...ended) };
  const now = Math.max(epoch, ...epochs.map((mark) => mark?.epoch ?? 0));
  const [mark] = ids;
  if (mark?.kind !== 'generations' || generation >= mark.generation) return { kind: 'live', epoch: now };
  const madeAt = mark.moments[mark.generation - generation - 1];
  const isRecent = madeAt !== undefined && madeAt > graceBegan;
  return isRecent ? { kind: 'superseded', epoch: now } : { kind: 'stale' };
}

const reaches = (id: Buffer, epoch: number, mark: EpochMark): boolean =>
  epoch >= mark.epoch || (mark.kept?.equals(id) === true && epoch >= mark.keptFrom);
