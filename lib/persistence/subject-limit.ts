import { SessionStateError } from '../errors/session-state.error.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import { toDate, toSeconds, type SessionTimeouts } from '../record/session-lifetime.js';
import { KeyQueue } from '../stores/key-queue.js';
import type { ListedRow, LoadedRow, RowState, SessionStore } from '../stores/session-store.interface.js';
import { contentOf, isBlank, markKey, markRow, MarkRows } from './marks/mark-rows.js';
import { decodeReservations, encodeReservations, type Reservation } from './marks/reservations.js';
import { jitter } from './save-queue.js';
import type { SessionProbes } from './session-probes.js';

/** How many sessions a subject may have at once, and what happens to one more. */
export interface SubjectLimitPolicy {
  readonly limit: number;
  readonly whenFull: 'refuse' | 'endOldest';
}

/** Everything that a SubjectLimit works with. */
export interface SubjectLimitParts {
  readonly store: SessionStore;
  readonly policy: SubjectLimitPolicy;
  readonly timeouts: Pick<SessionTimeouts, 'idleTimeout' | 'absoluteTimeout'>;
  /** Milliseconds that a login waits for its turn, and that the write of its session may take. */
  readonly timeout: number;
  readonly probes?: SessionProbes | undefined;
  now(): number;
  /** True if the row holds a session of the subject that opens here and has not ended by its sealed clocks. */
  isUsable(row: LoadedRow, subject: string): Promise<boolean>;
  /** Ends a session that has to make room, and does nothing after `until` (`performance.now()`). */
  end(row: ListedRow, until: number): Promise<void>;
}

/** The session that is to be let in. */
export interface Entrant {
  readonly key: Buffer;
  /** The session that ends by that, if there is one. */
  readonly replaced?: Buffer | undefined;
  /** The moment of `performance.now()` at which whoever logs in gives up; absent where only the limit's own time counts. */
  readonly until?: number | undefined;
}

/** Seconds that the place of a reservation stays taken that was never used. */
const POISON = 3600;

/** The states of reserved sessions that were stored and that no list has named, by their keys. */
type KnownStates = Map<string, RowState>;

const nameOf = (key: Buffer): string => key.toString('latin1');

const hasEnded = (known: KnownStates, { key }: Reservation): boolean =>
  (known.get(nameOf(key)) ?? 'live') !== 'live';

/** Lets no subject have more sessions than the limit, whatever number of processes log him in at once.
 *
 *  A row for each subject says which sessions may be stored next. It is changed by its version, and whoever changes it has
 *  counted the live sessions after he read it. So a session is either in that row or was stored before it was counted. A
 *  reservation that lapses gets a tombstone under its key first, so that a process that was held up can store nothing there. */
export class SubjectLimit {
  private readonly queue = new KeyQueue();
  private readonly marks: MarkRows;

  constructor(private readonly parts: SubjectLimitParts) {
    this.marks = new MarkRows(parts.store);
  }

  /** Stores a session of the subject by `work`, if there is room for it. Rejects with a SessionStateError if there is none, and
   *  with what `work` rejects with. */
  enter<R>(
    subject: string,
    { key, replaced, until = Infinity }: Entrant,
    work: () => Promise<R>,
  ): Promise<R> {
    const gate = markKey('gate', subject);
    const end = Math.min(until, performance.now() + this.parts.timeout);
    const turn = this.parts.probes?.begin('wait', 'limit');
    return this.queue.run(gate, async () => {
      turn?.();
      await this.reserve(gate, subject, key, replaced, end);
      return work();
    });
  }

  private async reserve(
    gate: Buffer,
    subject: string,
    key: Buffer,
    replaced: Buffer | undefined,
    end: number,
  ): Promise<void> {
    const known: KnownStates = new Map();
    for (let attempt = 0; performance.now() < end; attempt++) {
      if (attempt) await jitter(attempt);
      const row = await this.parts.store.load(gate);
      const reserved = decodeReservations(contentOf(row)).filter((one) => !hasEnded(known, one));
      if (reserved.some((one) => one.key.equals(key))) return;
      const listed = await this.parts.store.list!(subject);
      const unlisted = await this.unlisted(reserved, listed, known);
      if (!unlisted) continue;
      const stored = unlisted.filter((one) => known.has(nameOf(one.key)));
      const pending = unlisted.length - stored.length;
      const sessions = [...stored.map((one) => this.listedOf(one, subject)), ...listed];
      const live = await this.counted(this.liveAmong(sessions, replaced), pending, subject);
      if (!live) continue;
      const excess = live.length + pending + 1 - this.parts.policy.limit;
      if (excess > 0) await this.makeRoom(live, excess, end);
      else if (await this.write(gate, row, [...unlisted, { key, until: this.lapse }])) return;
    }
    throw new SessionStoreError('limit', 'crowded');
  }

  /** Returns the sessions that count: where the columns leave no room, only those that somebody can use. `undefined` if one has
   *  moved or ended since they were listed. */
  private async counted(
    live: ListedRow[],
    pending: number,
    subject: string,
  ): Promise<ListedRow[] | undefined> {
    const { policy, store } = this.parts;
    if (live.length + pending < policy.limit) return live;
    const rows = await Promise.all(live.map(({ key }) => store.load(key)));
    if (rows.some((row) => row && row.state !== 'live')) return undefined;
    const usable = await Promise.all(rows.map((row) => row && this.parts.isUsable(row, subject)));
    return live.filter((_, i) => usable[i]);
  }

  /** Returns the sessions that are alive by their columns, the oldest login first. */
  private liveAmong(listed: readonly ListedRow[], replaced: Buffer | undefined): ListedRow[] {
    const { idleTimeout, absoluteTimeout } = this.parts.timeouts;
    const now = this.parts.now();
    const isAlive = ({ key, createdAt, lastSeenAt }: ListedRow) =>
      !(replaced && key.equals(replaced)) &&
      !(idleTimeout && toSeconds(lastSeenAt) + idleTimeout <= now) &&
      !(absoluteTimeout && toSeconds(createdAt) + absoluteTimeout <= now);
    const rows = listed.filter(isAlive);
    return rows.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  }

  /** Returns the reservations whose sessions the list does not name: they are not stored yet, or the list has lost them, and
   *  then `known` has them. Returns `undefined` if it has learned something, so that the sessions must be listed again. */
  private async unlisted(
    reserved: readonly Reservation[],
    listed: readonly ListedRow[],
    known: KnownStates,
  ): Promise<Reservation[] | undefined> {
    const seen = new Set(listed.map(({ key }) => nameOf(key)));
    const unlisted = reserved.filter(({ key }) => !seen.has(nameOf(key)));
    const rows = await Promise.all(unlisted.map(({ key }) => this.parts.store.load(key)));
    const news = rows.filter((row) => row && known.get(nameOf(row.key)) !== row.state);
    for (const row of news) await this.note(row!, known);
    if (news.length) return undefined;
    const now = this.parts.now();
    const lapsed = unlisted.filter(({ until }, i) => !rows[i] && until <= now);
    for (const { key } of lapsed) await this.poison(key);
    return lapsed.length ? undefined : unlisted;
  }

  /** A row that is not live never becomes live again. One without a session has taken a place, and is not a tombstone yet. */
  private async note(row: LoadedRow, known: KnownStates): Promise<void> {
    known.set(nameOf(row.key), row.state);
    if (row.state === 'live' && isBlank(row)) await this.parts.store.destroy(row.key, this.poisonEnd);
  }

  /** Returns the columns of a stored session that the list has lost, as far as its reservation tells them. */
  private listedOf({ key, until }: Reservation, subject: string): ListedRow {
    const loggedIn = toDate(until - this.patience);
    return { key, subject, createdAt: loggedIn, lastSeenAt: toDate(this.parts.now()) };
  }

  /** Takes the place of a session that was not stored in time, and makes it a tombstone. A store may have half of a move
   *  there already. */
  private async poison(key: Buffer): Promise<void> {
    try {
      await this.parts.store.create(markRow(key, Buffer.alloc(0), this.poisonEnd));
    } catch (error) {
      if (!(error instanceof SessionStoreError) || error.reason !== 'duplicate') throw error;
    }
    await this.parts.store.destroy(key, this.poisonEnd);
  }

  private async makeRoom(live: readonly ListedRow[], excess: number, until: number): Promise<void> {
    const { limit, whenFull } = this.parts.policy;
    if (whenFull === 'refuse') throw full(limit);
    for (const row of live.slice(0, excess)) await this.parts.end(row, until);
  }

  private write(
    gate: Buffer,
    row: LoadedRow | undefined,
    reserved: readonly Reservation[],
  ): Promise<boolean> {
    return this.marks.write(gate, encodeReservations(reserved), toDate(this.parts.now() + DAY), row);
  }

  private get poisonEnd(): Date {
    return toDate(this.parts.now() + POISON);
  }

  /** When a reservation that is made now lapses. */
  private get lapse(): number {
    return this.parts.now() + this.patience;
  }

  /** Seconds after which a login that was let in stores nothing any more. */
  private get patience(): number {
    return Math.ceil(this.parts.timeout / 1000) + 1;
  }
}

/** Seconds for which a subject's row is kept that nobody changes. Longer than any login takes, so that its versions never begin
 *  anew under a process that has read it. */
const DAY = 86_400;

const full = (limit: number) =>
  new SessionStateError(
    'ERR_SESSION_LIMIT',
    `The user has ${limit} sessions, as many as session.maxPerSubject allows; another one must end first`,
  );
