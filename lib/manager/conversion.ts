import { decodeBase64url, encodeBase64url } from '../envelope/base64url.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import { ConvertedRows } from '../persistence/converted-rows.js';
import type { ConvertedSession } from '../persistence/converted-session.interface.js';
import { migrationKey } from '../persistence/migration-mark.js';
import type { MigratedFormat } from '../persistence/session-format.interface.js';
import { NEVER, toDate, toSeconds } from '../record/session-lifetime.js';
import { pagesOf } from '../stores/all-rows.js';
import type { FoundRow, LoadedRow, SessionRow } from '../stores/session-store.interface.js';
import { ConversionMarks } from './conversion-marks.js';
import { conversionPlace, type ConversionPlace } from './conversion-place.js';
import type { ConversionSource } from './conversion-source.js';
import { readForeign, unreadable, type ForeignRow, type Unreadable } from './read-foreign.js';
import type { SessionManager } from './session-manager.js';
import type { SessionProfile } from './session-profile.js';

/** What becomes of a session. `converted` and `changed` are written: it is new, or it was changed there since. `otherUser` is
 *  written too: the session is another user's there now. `present` is here as it is there. `migrated` was taken over by our
 *  application, or has ended here. `empty` holds nothing. */
export type Converted = 'converted' | 'changed' | 'otherUser' | 'present' | 'migrated' | 'expired' | 'empty';

const WRITTEN: readonly unknown[] = ['converted', 'changed', 'otherUser'];
/** How often a row is tried that our application, or another run, writes at the same time. */
const MAX_ATTEMPTS = 5;
const HOUR = 3600;

/** Stores the sessions of express-session that are not yet here under the keys that a migration looks for, so that their users stay
 *  logged in without the other store. Until the old cookie of one comes, it is no session of ours, and nothing overwrites a row
 *  that our application has made. */
export class Conversion {
  readonly marks: ConversionMarks;
  private readonly rows: ConvertedRows;
  private readonly profile: SessionProfile;
  private readonly store: ConversionPlace['store'];
  private readonly format: MigratedFormat;

  private constructor(
    { profile, store, format }: ConversionPlace,
    private readonly source: ConversionSource,
  ) {
    const envelope = profile.envelope!;
    const contextOf = (purpose: string) => profile.envelopeContext(purpose, store.kind, store.name);
    this.rows = new ConvertedRows(envelope, contextOf('session'));
    this.marks = new ConversionMarks(envelope, contextOf('convert-mark'), source);
    this.profile = profile;
    this.store = store;
    this.format = format;
  }

  /** Returns the conversion into the first profile that accepts express-session. Throws a SessionConfigError that says what the
   *  options lack. */
  static of(manager: SessionManager, source: ConversionSource): Conversion {
    return new Conversion(conversionPlace(manager), source);
  }

  /** The store, as the operator knows it. */
  get target(): string {
    return `${this.store.kind} "${this.store.name}"`;
  }

  /** Whole seconds since 1970. */
  get now(): number {
    return this.profile.now();
  }

  /** Converts one session, or with `write: false` only says what would become of it. Rejects with a SessionStoreError. */
  async convert(row: ForeignRow, write: boolean): Promise<Converted | Unreadable> {
    const { format, profile } = this;
    const { payloadLimit } = profile.options;
    const source = this.source.text;
    const session = readForeign(row, { format, source, payloadLimit, now: this.now });
    if (typeof session === 'string' || 'unreadable' in session) return session;
    const key = migrationKey(format.name, row.id);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const present = await this.store.load(key);
      const result = await this.judge(present, session);
      if (!write || !WRITTEN.includes(result)) return result;
      const written = await this.write(key, session, present?.version);
      if (written) return written === true ? result : written;
    }
    throw new SessionStoreError('convert', 'conflict');
  }

  /** Yields the sessions that were converted from a source of this name, a page at a time. `after` is a mark of an earlier walk. */
  async *converted(size: number, after: string | undefined): AsyncGenerator<ConvertedPage> {
    const { source } = this;
    const start = after === undefined ? undefined : decodeBase64url(after);
    for await (const page of pagesOf(this.store, size, start)) {
      const sessions: ConvertedPage['sessions'][number][] = [];
      for (const row of page) {
        const session = await this.rows.open(row);
        if (typeof session !== 'object' || !session.data || !source.isNameOf(session.source)) continue;
        const isElsewhere = source.isElsewhere(session.source);
        const isOver = (session.expiresAt ?? NEVER) <= this.now;
        sessions.push({ row, session, isElsewhere, isOver });
      }
      const last = this.store.scan && page.at(-1)?.key;
      yield { sessions, read: page.length, mark: last ? encodeBase64url(last) : '' };
    }
  }

  /** Marks a converted session whose original has ended, so that it does not come back from here. One that our application has
   *  taken over meanwhile stays. Resolves to true if it was marked. */
  async end({ row, session }: ConvertedPage['sessions'][number]): Promise<boolean> {
    const ended = { ...session, subject: undefined, data: undefined };
    const sealed = await this.rows.seal(row.key, ended);
    return (await this.store.replace({ ...row, sealed, subject: undefined }, row.version)) === 'saved';
  }

  private async judge(
    present: LoadedRow | undefined,
    session: ConvertedSession,
  ): Promise<Converted | Unreadable> {
    if (!present) return 'converted';
    const before = await this.rows.open(present);
    if (before === 'unknown-key') return unreadable('stored here with a key that is gone');
    if (typeof before === 'string') return 'migrated';
    if (isSame(before, session) && !this.source.isElsewhere(before.source)) return 'present';
    return before.subject === undefined || before.subject === session.subject ? 'changed' : 'otherUser';
  }

  /** Resolves to false if another one was faster. */
  private async write(
    key: Buffer,
    session: ConvertedSession,
    version: number | undefined,
  ): Promise<boolean | Unreadable> {
    const sealed = await this.seal(key, session);
    if (!sealed) return unreadable('longer than an envelope');
    const row = this.rowOf(key, sealed, session);
    if (version !== undefined) return (await this.store.replace(row, version)) === 'saved';
    return this.store.create(row).then(
      () => true,
      (error: unknown) => {
        if (error instanceof SessionStoreError && error.reason === 'duplicate') return false;
        throw error;
      },
    );
  }

  private async seal(key: Buffer, session: ConvertedSession): Promise<Buffer | undefined> {
    try {
      return await this.rows.seal(key, session);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** The row lives as long as the session there, and at most until nothing is migrated any more. */
  private rowOf(key: Buffer, sealed: Buffer, { subject, expiresAt = NEVER }: ConvertedSession): SessionRow {
    const now = toDate(this.now);
    const until = Math.min(NEVER, toSeconds(this.format.migrationSource.until));
    const deadline = toDate(Math.min(until, Math.ceil(expiresAt / HOUR) * HOUR));
    return { key, sealed, subject, createdAt: now, lastSeenAt: now, deadline };
  }
}

/** Converted sessions that were read in one step. */
export interface ConvertedPage {
  readonly sessions: readonly {
    readonly row: FoundRow;
    readonly session: ConvertedSession;
    /** It came from another database. */
    readonly isElsewhere: boolean;
    /** Its time has passed. */
    readonly isOver: boolean;
  }[];
  /** Rows that were read. */
  readonly read: number;
  /** The place behind them; empty where the store has no order. */
  readonly mark: string;
}

/** Redis says how long a key lives, in milliseconds that have passed when the answer is here. */
const SLACK = 2;

const isSame = (a: ConvertedSession, b: ConvertedSession): boolean =>
  Math.abs((a.expiresAt ?? 0) - (b.expiresAt ?? 0)) <= SLACK &&
  a.subject === b.subject &&
  JSON.stringify(a.data) === JSON.stringify(b.data);
