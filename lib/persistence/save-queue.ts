import type { Awaitable } from '../crypto/awaitable.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import type { ChangeSet } from '../record/change-set.js';
import { isAnothers, type SessionRecord } from '../record/session-record.js';
import { ShortLivedMap } from '../stores/short-lived-map.js';
import type { ProbeEnd } from './session-probe.interface.js';
import type { SessionProbes } from './session-probes.js';
import type { StoredSession, SessionRepository } from './session-repository.interface.js';

/** Is called when a change set overwrites a key that another request has changed. It may throw to refuse the set. */
export type OnCollision = (keys: readonly string[]) => void;

/** The changes of one request, to be saved under the id that its session has. */
export interface Save {
  readonly base: StoredSession;
  readonly changes: ChangeSet;
  readonly onCollision: OnCollision;
  /** False if no visitor is here, so that the idle clock stays where it is unless a save that is joined with this one moves it. */
  readonly seen: boolean;
  /** The moment of `performance.now()` at which whoever waits gives up. */
  readonly until: number;
}

interface Waiting extends Save {
  /** Ends the wait for the save before it. */
  readonly turn?: ProbeEnd | undefined;
  resolve(saved: StoredSession | undefined): void;
  reject(error: unknown): void;
}

interface Lane {
  current: StoredSession;
  waiting: Waiting[];
}

/** Milliseconds for which joined saves may still be done after the first who waits for one has given up: so much later than the
 *  answer that it was not. */
const JOINED = 500;

/** The part of the time that is left to a save, of which it gives up no more to be joined with others. Without it, the saves of
 *  a store that takes longer than {@link JOINED} would wait for more of them than ever come to an end. */
const GIVEN_UP = 0.5;

/** With a lock, one attempt is the last. Sixteen processes that save in a closed loop without one need up to thirty. */
export const MAX_RETRIES = 50;

/** Joins the saves of one session in this process: those that wait go to the store in one statement. A save of
 *  another process shows as a version that differs. Then the session is read again and the changes are applied to
 *  what is stored now. After some conflicts, a store that can locks the row for one save. */
export class SaveQueue {
  private readonly lanes = new ShortLivedMap<string, Lane>();

  constructor(
    private readonly repository: SessionRepository,
    private readonly prepare: (record: SessionRecord) => SessionRecord,
    private readonly pause: (attempt: number) => Promise<void> = jitter,
    private readonly probes?: SessionProbes,
  ) {}

  /** Resolves to the session as saved, with the changes of all who waited; to `undefined` if it has ended meanwhile.
   *  Rejects with a SessionStoreError at `until` or later if nothing was saved until then. */
  save(save: Save): Promise<StoredSession | undefined> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { ...save, resolve, reject };
      const name = save.base.key.toString('latin1');
      const lane = this.lanes.get(name);
      if (lane) return void lane.waiting.push({ ...waiting, turn: this.probes?.begin('wait', 'save') });
      const opened: Lane = { current: save.base, waiting: [waiting] };
      this.lanes.set(name, opened);
      void this.drain(name, opened);
    });
  }

  private async drain(name: string, lane: Lane): Promise<void> {
    while (lane.waiting.length) {
      const batch = takeBatch(lane);
      batch.forEach(({ turn }, i) => {
        turn?.();
        if (i) this.probes?.joined();
      });
      if (batch.length) await this.saveTogether(lane, batch);
    }
    this.lanes.delete(name);
  }

  private async saveTogether(lane: Lane, batch: readonly Waiting[]): Promise<void> {
    let left = batch;
    const until = endOf(batch);
    const change = (record: SessionRecord): SessionRecord | undefined => {
      const merged = merge(record, left);
      left = merged.kept;
      if (!left.length) return undefined;
      return isSeen(left) ? this.prepare(merged.record) : merged.record;
    };
    try {
      if (!isSeen(batch) && !(await this.readClock(lane)))
        return left.forEach(({ resolve }) => resolve(undefined));
      for (let attempt = 0; attempt <= MAX_RETRIES; attempt++) {
        const saved = await this.write(lane.current, change, isSeen(left) ? attempt : MAX_RETRIES, until);
        if (!left.length) return;
        if (saved) return this.settle(lane, left, saved, attempt > 0);
        if (attempt) await this.pause(attempt);
        const found = await this.repository.reload(lane.current);
        if (found.kind !== 'live') return left.forEach(({ resolve }) => resolve(undefined));
        lane.current = found.entry;
      }
      throw new SessionStateError('ERR_SESSION_CONFLICT', 'Too many requests changed the session at once');
    } catch (error) {
      await this.failed(lane, left, error);
    }
  }

  /** Reads the idle clock that is to stay, which a touch may have moved under the same version. A lock reads it anyway.
   *  Resolves to `false` if the session has ended. */
  private async readClock(lane: Lane): Promise<boolean> {
    if (this.repository.updateLocked) return true;
    const found = await this.repository.reload(lane.current);
    if (found.kind === 'live') lane.current = found.entry;
    return found.kind === 'live';
  }

  private write(
    entry: StoredSession,
    change: (record: SessionRecord) => SessionRecord | undefined,
    conflicts: number,
    until: number,
  ): Awaitable<StoredSession | undefined> {
    const { updateLocked, locksAfter = 0 } = this.repository;
    if (updateLocked && conflicts >= locksAfter) return this.repository.updateLocked!(entry, change, until);
    const record = change(entry.record);
    return record && this.repository.replace(entry, record, until);
  }

  private settle(lane: Lane, saved: readonly Waiting[], entry: StoredSession, isMerged: boolean): void {
    lane.current = entry;
    for (const { resolve } of saved) {
      if (isMerged) this.probes?.merged();
      resolve(entry);
    }
  }

  /** Saves the sets one by one if they cannot be saved together, because they are too large or two keys clash. So
   *  only the set at fault fails. */
  private async failed(lane: Lane, batch: readonly Waiting[], error: unknown): Promise<void> {
    if (batch.length > 1 && isOfOne(error)) {
      for (const one of batch) await this.saveTogether(lane, [one]);
      return;
    }
    for (const { reject } of batch) reject(error);
  }
}

/** Takes the saves out of a lane that may be joined: all that can end with the first who gives up, whoever came first. */
function takeBatch(lane: Lane): Waiting[] {
  if (lane.waiting.length === 1) return lane.waiting.splice(0).filter(isWaitedFor); // as most come
  const waiting = lane.waiting.filter(isWaitedFor);
  const now = performance.now();
  const left = latestOf(waiting) - now;
  const mayJoin = ({ until }: Waiting) => (1 - GIVEN_UP) * (until - now) <= left;
  lane.waiting = waiting.filter((one) => !mayJoin(one));
  return waiting.filter(mayJoin);
}

/** Fails a save for which nobody waits any more. */
function isWaitedFor({ until, turn, reject }: Waiting): boolean {
  if (performance.now() < until) return true;
  turn?.();
  reject(new SessionStoreError('replace', 'timeout'));
  return false;
}

/** The moment up to which joined saves may be done. */
const endOf = (batch: readonly Save[]): number =>
  Math.min(latestOf(batch), Math.max(...batch.map(({ until }) => until)));

/** The moment after which saves may not be done that are joined, since the first who waits has given up before. */
const latestOf = (saves: readonly Save[]): number => Math.min(...saves.map(({ until }) => until)) + JOINED;

/** Applies all change sets in order; a set that throws fails alone. A set that was made for one subject's session is
 *  not applied to another subject's. */
function merge(record: SessionRecord, batch: readonly Waiting[]): { record: SessionRecord; kept: Waiting[] } {
  const kept: Waiting[] = [];
  let merged = record;
  for (const waiting of batch) {
    if (isAnothers(waiting.base.record, record)) {
      waiting.resolve(undefined);
      continue;
    }
    try {
      const collisions = waiting.changes.collisions(waiting.base.record, merged);
      if (collisions.length) waiting.onCollision(collisions);
      merged = waiting.changes.applyTo(merged);
      kept.push(waiting);
    } catch (error) {
      waiting.reject(error);
    }
  }
  return { record: merged, kept };
}

/** Waits a random time of up to 2 ms, then 4, 8, … at most 64 ms, so that requests that collided do not collide
 *  again. */
export function jitter(attempt: number): Promise<void> {
  const ceiling = Math.min(64, 2 ** attempt);
  return new Promise((resolve) => setTimeout(resolve, Math.random() * ceiling));
}

/** True if a visitor has caused one of the saves, so that the idle clock starts anew. */
const isSeen = (batch: readonly Waiting[]): boolean => batch.some(({ seen }) => seen);

const isOfOne = (error: unknown): boolean =>
  error instanceof SessionStateError && error.code !== 'ERR_SESSION_CONFLICT';
