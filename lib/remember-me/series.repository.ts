import { toDate, toSeconds } from '../record/session-lifetime.js';
import type { MonitoredStore } from '../persistence/monitored.store.js';
import type { SessionClock } from '../record/session-clock.js';
import type { SessionRow } from '../stores/session-store.interface.js';
import type { RememberSeals } from './remember-seals.js';
import { keyOf, randomToken, type RememberToken } from './remember-token.js';
import { beginSeries, judge, replaceToken, type Series, type Verdict } from './series.js';

/** How long series live, and how long a replaced secret does. Seconds. */
export interface SeriesTimes {
  readonly lifetime: number;
  readonly graceTime: number;
  /** Whether a use moves the deadline. */
  readonly rolling: boolean;
}

/** What a token led to. `ended`: a series that was ended lately; `unknown`: none. */
export type FoundSeries =
  | { readonly kind: 'ended' | 'unknown' }
  | {
      readonly kind: Verdict;
      readonly key: Buffer;
      readonly series: Series;
      readonly version: number;
      readonly now: number;
    };

/** A series whose token is its own. */
export type LiveSeries = Extract<FoundSeries, { version: number }>;

/** Series where they wait: rows of a session store, of which they use keys, seals and versions. */
export class SeriesRepository {
  constructor(
    private readonly store: MonitoredStore,
    private readonly times: SeriesTimes,
    private readonly clock: SessionClock,
  ) {}

  /** Begins a series; gives its first token. */
  async begin(seals: RememberSeals, subject: string): Promise<RememberToken> {
    const token = randomToken();
    const key = keyOf(token);
    const series = beginSeries(token, subject, this.now(), this.times.lifetime);
    await this.store.create(rowOf(key, series, await seals.sealSeries(key, series)));
    return token;
  }

  /** What a token leads to. Changes nothing. */
  async find(seals: RememberSeals, token: RememberToken): Promise<FoundSeries> {
    const key = keyOf(token);
    const row = await this.store.load(key);
    if (row && row.state !== 'live') return { kind: 'ended' };
    const series = row && (await seals.openSeries(row));
    if (!series) return { kind: 'unknown' };
    const now = toSeconds(this.clock(row.now));
    return { kind: judge(series, token, now, this.times.graceTime), key, series, version: row.version, now };
  }

  /** Uses a token up, in one guarded step; gives the one that takes its place, or `undefined` where another request was
   *  faster or the series has ended. */
  async replace(
    seals: RememberSeals,
    { key, series, version, now }: LiveSeries,
    token: RememberToken,
  ): Promise<RememberToken | undefined> {
    const { rolling, lifetime } = this.times;
    const next = replaceToken(series, token, now, rolling ? lifetime : undefined);
    const row = rowOf(key, next.series, await seals.sealSeries(key, next.series));
    return (await this.store.replace(row, version)) === 'saved' ? next.token : undefined;
  }

  /** Ends a series; says whether it was there. */
  end(key: Buffer): Promise<boolean> {
    return this.store.destroy(key, this.grave());
  }

  /** Ends all series of a subject but one; says how many. */
  endSubject(subject: string, except?: Buffer): Promise<number> {
    return this.store.destroySubject!(subject, this.grave(), except);
  }

  list(subject: string): ReturnType<NonNullable<MonitoredStore['list']>> {
    return this.store.list!(subject);
  }

  async prune(): Promise<number> {
    return (await this.store.prune?.()) ?? 0;
  }

  private now(): number {
    return toSeconds(this.clock(this.store.now()));
  }

  /** How long an ended series is told from one that never was. */
  private grave(): Date {
    return toDate(this.now() + Math.max(1, this.times.graceTime));
  }
}

const rowOf = (key: Buffer, series: Series, sealed: Buffer): SessionRow => ({
  key,
  sealed,
  subject: series.subject,
  createdAt: toDate(series.begunAt),
  lastSeenAt: toDate(series.replacedAt || series.begunAt),
  deadline: toDate(series.deadline),
});
