import { andThen, type Awaitable } from '../crypto/awaitable.js';
import { SessionStateError } from '../errors/session-state.error.js';
import type { SessionRecord } from '../record/session-record.js';
import { CookieRepository, type CookieRepositoryParts } from './cookie.repository.js';
import type { Revocations } from './marks/revocations.js';
import { foreignEpoch } from './migration-mark.js';
import { publicId } from './public-id.js';
import type { OpenedRecord } from './record-codec.interface.js';
import type { SessionEvents } from './session-events.js';
import { MAX_OWN_HOPS } from './successor-trail.js';
import type {
  Identity,
  MoveKind,
  ReusedId,
  SessionLookup,
  SessionRepository,
  StoredSession,
} from './session-repository.interface.js';

/** Everything that a RevocableRepository works with. */
export interface RevocableRepositoryParts extends CookieRepositoryParts {
  readonly session: string;
  readonly revocations: Revocations;
  /** True if each change makes a new generation of the session, and older ones count no more. */
  readonly generations: boolean;
  /** True if the use of a stale cookie ends all sessions of its subject. */
  readonly endReused: boolean;
  readonly events: SessionEvents;
}

/** The repository of sessions that the cookie holds itself and that marks on the server can end. It behaves as one that keeps
 *  rows: an end is final, a login ends the session before it, and a request that is late drops its changes. */
export class RevocableRepository extends CookieRepository implements SessionRepository {
  protected override readonly parts: RevocableRepositoryParts;

  constructor(parts: RevocableRepositoryParts) {
    super(parts);
    this.parts = parts;
  }

  /** Returns the session as it is known unless it has ended. A newer state of it is in the browser alone. */
  override reload(entry: StoredSession): Awaitable<SessionLookup> {
    return andThen(this.revocations.judge(entry.record), (judgement) =>
      judgement.kind === 'ended' ? this.ended(entry, judgement.at) : super.reload(entry),
    );
  }

  override create(_identity: Identity, record: SessionRecord): Promise<StoredSession> {
    return this.begin(record);
  }

  /** Seals the next state of the session, unless it has ended. With generations, an older state has no next one. */
  override replace(
    entry: StoredSession,
    record: SessionRecord,
    until?: number,
  ): Awaitable<StoredSession | undefined> {
    return andThen(this.revocations.judgeNow(entry.record), (judgement) => {
      if (judgement.kind !== 'live') return undefined;
      const { epoch } = judgement;
      if (!this.parts.generations) return this.seal({ ...record, epoch });
      return this.advance({ ...record, epoch, generation: record.generation + 1 }, until);
    });
  }

  /** Ends the session and seals its successor. Of two requests that move one session, the second finds that it has ended. */
  override async move(
    entry: StoredSession,
    _to: Identity,
    record: SessionRecord,
    kind: MoveKind,
    until?: number,
  ): Promise<StoredSession | undefined> {
    const judgement = await this.revocations.judgeNow(entry.record);
    if (judgement.kind === 'ended') return undefined;
    const isLogin = kind === 'login';
    if (judgement.kind !== 'live' && !isLogin) throw overtaken();
    const { subject } = record;
    const moved =
      judgement.kind !== 'live' || isLogin
        ? await this.begin(record)
        : await this.seal({ ...record, epoch: judgement.epoch });
    const by = {
      until,
      ...(isLogin && subject !== undefined && { login: subject }),
      ...((!isLogin || entry.record.subject === subject) && { successor: record.id }),
    };
    return (await this.revocations.end(entry.key, by)) ? moved : undefined;
  }

  override touch(entry: StoredSession, record: SessionRecord): Awaitable<StoredSession | undefined> {
    return andThen(this.revocations.judgeNow(entry.record), (judgement) => {
      if (judgement.kind !== 'live') return undefined;
      const sealed = this.seal({ ...record, epoch: judgement.epoch });
      if (!this.parts.generations || this.parts.timeouts.absoluteTimeout) return sealed;
      return this.revocations.prolong(record.id).then(() => sealed);
    });
  }

  /** Ends the session, and the one that its holder has made of it meanwhile. With a subject it resolves to false: nobody knows
   *  whether the session is his. */
  override async end({ key }: Identity, subject?: string, until?: number): Promise<boolean> {
    let id: Buffer | undefined = key;
    for (let hop = 0; id && hop <= MAX_OWN_HOPS; hop++) {
      if (subject !== undefined) await this.revocations.endOf(id, subject);
      else if (await this.revocations.end(id, { until })) return true;
      id = await this.revocations.successorOf(id);
    }
    return false;
  }

  endSubject(subject: string, except: Buffer | undefined): Promise<void> {
    return this.revocations.endSubject(subject, except);
  }

  endAll(): Promise<void> {
    return this.revocations.endAll();
  }

  /** Returns what the visitor's own cookie held before a login of the same subject ended it. */
  async carriedOver(ended: Identity, subject: string): Promise<SessionRecord | undefined> {
    if (!('record' in ended)) return undefined;
    const { record } = ended as StoredSession;
    return (await this.revocations.isEndedByLogin(record.id, subject)) ? record : undefined;
  }

  /** Reports a cookie whose session was changed long before, so that somebody has kept it. */
  async reportReuse({ successor: { key }, subject }: ReusedId): Promise<void> {
    const { events, session, endReused } = this.parts;
    events.emit('reused', { session, subject });
    if (!endReused || !(await this.revocations.end(key))) return;
    if (subject !== undefined) await this.revocations.endSubject(subject);
    const id = subject === undefined ? publicId({ key }) : undefined;
    events.emit('signedOut', { session, id, subject, why: 'reused' });
  }

  /** Takes over a foreign session unless it began before all sessions of its subject, or of everybody, were ended. See
   *  {@link foreignEpoch}. */
  override migrate(
    origin: Buffer,
    load: () => Awaitable<SessionRecord | undefined>,
    migratableUntil: number,
  ): Awaitable<SessionLookup> {
    return andThen(super.migrate(origin, load, migratableUntil), (found) => {
      if (found.kind !== 'live') return found;
      const { entry, now } = found;
      const record = { ...entry.record, epoch: foreignEpoch(entry.record, now) };
      return this.judged({ ...found, entry: { ...entry, record } });
    });
  }

  protected override found(opened: OpenedRecord, text: string): Awaitable<SessionLookup> {
    return andThen(super.found(opened, text), (found) => this.judged(found));
  }

  private judged(found: SessionLookup): Awaitable<SessionLookup> {
    if (found.kind !== 'live') return found;
    const { entry } = found;
    return andThen(this.revocations.judge(entry.record), ({ kind, ...judgement }) => {
      if ('at' in judgement) return this.ended(entry, judgement.at);
      const { subject } = entry.record;
      return kind === 'stale' ? { kind: 'ended', reused: { successor: entry, subject } } : found;
    });
  }

  private get revocations(): Revocations {
    return this.parts.revocations;
  }

  /** A session that has ended a moment ago drops what is written to it, as one with a tombstone does. */
  private ended(entry: StoredSession, at: number): SessionLookup {
    return this.revocations.isRecent(at)
      ? { kind: 'ended', identity: entry }
      : { kind: 'none', reason: 'absent', ours: true };
  }

  /** Seals a session that begins now. */
  private async begin(record: SessionRecord): Promise<StoredSession> {
    const epoch = await this.revocations.epochOf(record.subject);
    return this.seal({ ...record, epoch });
  }

  /** Seals first: a session that is too large leaves the one before as it is. */
  private async advance(record: SessionRecord, until?: number): Promise<StoredSession | undefined> {
    const sealed = await this.seal(record);
    return (await this.revocations.advance(record, until)) ? sealed : undefined;
  }
}

const overtaken = () =>
  new SessionStateError(
    'ERR_SESSION_CONFLICT',
    'Another request has changed the session, and its new state is in the browser',
  );
