import { endAllRows } from '../manager/end-all-rows.js';
import { hasRows } from '../stores/all-rows.js';
import { toDate, toSeconds } from '../record/session-lifetime.js';
import type { MonitoredStore } from '../persistence/monitored.store.js';
import type { SessionClock } from '../record/session-clock.js';
import type { SessionRow } from '../stores/session-store.interface.js';
import type { RememberSeals } from './remember-seals.js';
import { keyOf, randomToken, type RememberToken } from './remember-token.js';
import { beginSeries, replaceToken, stateOf, type Series, type TokenState } from './series.js';

/** The times of all series, in seconds. */
export interface SeriesTimes {
  readonly lifetime: number;
  /** The grace period in which a replaced token still logs in. */
  readonly graceTime: number;
  /** Each use moves the deadline. */
  readonly rolling: boolean;
}

/** The result of looking a token up. `ended`: its series has a tombstone, so it was ended a short time ago. `unknown`: no
 *  series has the token. */
export type FoundSeries =
  | { readonly kind: 'ended' | 'unknown' }
  | {
      readonly kind: TokenState;
      readonly key: Buffer;
      readonly series: Series;
      readonly version: number;
      readonly now: number;
    };

/** A series that was found and opened, whatever the state of the token. */
export type OpenedSeries = Extract<FoundSeries, { version: number }>;

/** What a series has left when it was ended. */
export interface ClosedSeries {
  readonly subject: string;
  /** Row keys of the sessions that it has begun within the grace period. */
  readonly sessions: readonly Buffer[];
}

/** Attempts to end a series while logins replace its token. */
const MAX_CLOSES = 10;
const NO_BYTES = Buffer.alloc(0);

/** Loads and saves series. They are rows of a session store and use its keys, sealed bytes, subjects and versions. */
export class SeriesRepository {
  constructor(
    private readonly store: MonitoredStore,
    private readonly times: SeriesTimes,
    private readonly clock: SessionClock,
  ) {}

  /** Creates a series and returns its first token. */
  async begin(seals: RememberSeals, subject: string): Promise<RememberToken> {
    const token = randomToken();
    const key = keyOf(token);
    const series = beginSeries(token, subject, this.now(), this.times.lifetime);
    await this.store.create(rowOf(key, series, await seals.sealSeries(key, series)));
    return token;
  }

  /** Looks a token up. Changes nothing. */
  async find(seals: RememberSeals, token: RememberToken): Promise<FoundSeries> {
    const key = keyOf(token);
    const row = await this.store.load(key);
    if (row && row.state !== 'live') return { kind: 'ended' };
    const series = row && (await seals.openSeries(row));
    if (!series) return { kind: 'unknown' };
    const now = toSeconds(this.clock(row.now));
    return {
      kind: stateOf(series, token, now, this.times.graceTime),
      key,
      series,
      version: row.version,
      now,
    };
  }

  /** Replaces a token in one step that is guarded by the version, and returns the new one. Returns `undefined` if another
   *  request was faster or the series has ended. `begun` is the row key of the session that the token logs in to. */
  async replace(
    seals: RememberSeals,
    { key, series, version, now }: OpenedSeries,
    token: RememberToken,
    begun: Buffer | undefined,
  ): Promise<RememberToken | undefined> {
    const { rolling, lifetime } = this.times;
    const next = replaceToken(series, token, now, rolling ? lifetime : undefined, begun);
    const row = rowOf(key, next.series, await seals.sealSeries(key, next.series));
    return (await this.store.replace(row, version)) === 'saved' ? next.token : undefined;
  }

  /** Notes a session that a replaced token has logged in to, in a row of its own: parallel logins must not compete for the row
   *  of the series. The note is kept for the grace period. */
  async note(series: Buffer, session: Buffer): Promise<void> {
    const now = toDate(this.now());
    const times = { createdAt: now, lastSeenAt: now, deadline: this.tombstoneDeadline() };
    await this.store.create({ key: session, sealed: NO_BYTES, subject: noteSubject(series), ...times });
  }

  /** Ends a series, and returns the sessions that its tokens have logged in to within the grace period. No login can be missed:
   *  one that comes later finds the series ended, and ends its own session. */
  async close(seals: RememberSeals, key: Buffer): Promise<ClosedSeries | undefined> {
    const closed = await this.expire(seals, key);
    await this.end(key);
    if (!closed) return undefined;
    const notes = await this.store.list!(noteSubject(key));
    const { subject, begun, replacedAt } = closed;
    const isRecent = this.now() < replacedAt + this.times.graceTime;
    return { subject, sessions: [...(begun && isRecent ? [begun] : []), ...notes.map((note) => note.key)] };
  }

  /** Lets a series expire now, in a guarded step, and returns it as it was before. */
  private async expire(seals: RememberSeals, key: Buffer): Promise<Series | undefined> {
    for (let attempt = 0; attempt < MAX_CLOSES; attempt++) {
      const row = await this.store.load(key);
      const series = row?.state === 'live' ? await seals.openSeries(row) : undefined;
      if (!series) return undefined;
      const sealed = await seals.sealSeries(key, { ...series, deadline: 0 });
      if ((await this.store.replace(rowOf(key, series, sealed), row!.version)) === 'saved') return series;
    }
  }

  /** Ends a series. Resolves to `false` if there was none. */
  end(key: Buffer): Promise<boolean> {
    return this.store.destroy(key, this.tombstoneDeadline());
  }

  /** Ends all series of a subject except the one with the key `except`. Returns the number. */
  endSubject(subject: string, except?: Buffer): Promise<number> {
    return this.store.destroySubject!(subject, this.tombstoneDeadline(), except);
  }

  /** True if the store can be read as a whole. */
  get canEndAll(): boolean {
    return hasRows(this.store);
  }

  /** Ends all series that began until now. Returns the number. Reads the whole table. */
  endAll(): Promise<number> {
    return endAllRows(this.store, toDate(this.now()), this.tombstoneDeadline());
  }

  /** Returns the rows of a subject's series, the last used first. */
  list(subject: string): ReturnType<NonNullable<MonitoredStore['list']>> {
    return this.store.list!(subject);
  }

  /** Removes expired series. Returns the number. */
  async prune(): Promise<number> {
    return (await this.store.prune?.()) ?? 0;
  }

  private now(): number {
    return toSeconds(this.clock(this.store.now()));
  }

  /** Returns the moment until which an ended series is still known to have existed. */
  private tombstoneDeadline(): Date {
    return toDate(this.now() + Math.max(1, this.times.graceTime));
  }
}

/** Returns the row of a series. All columns but the sealed one are only for lists and pruning. */
const rowOf = (key: Buffer, series: Series, sealed: Buffer): SessionRow => ({
  key,
  sealed,
  subject: series.subject,
  createdAt: toDate(series.createdAt),
  lastSeenAt: toDate(series.replacedAt || series.createdAt),
  deadline: toDate(series.deadline),
});

/** The subject of notes about a series. It is nobody's: it contains a SHA-256 of random bytes. */
const noteSubject = (series: Buffer): string => `remember-me series ${series.toString('base64url')}`;
