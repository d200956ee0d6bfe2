import type { Awaitable } from '../crypto/index.js';
import {
  REFERENCE_TOKEN_LENGTH,
  ReferenceTokens,
  type Envelope,
  type EnvelopeContext,
} from '../envelope/index.js';
import type { FoundRow, SessionRow, SessionStore, Tombstone } from '../stores/index.js';
import type { SessionEvents } from './session-events.js';
import { isAlive, rowDeadline, toDate, toSeconds, type SessionTimeouts } from './session-lifetime.js';
import { decodeRecord, encodeRecord, type SessionRecord } from './session-record.js';
import type { Entry, Found, Identity, MoveKind, SessionRepository } from './session-repository.interface.js';

export interface StoredRepositoryParts {
  readonly session: string;
  readonly store: SessionStore;
  readonly envelope: Envelope;
  readonly tokens: ReferenceTokens;
  /** Of the sealed rows: purpose `session`. */
  readonly context: EnvelopeContext;
  /** Of the tokens that lead from an old row to its successor: purpose `successor`. */
  readonly successorContext: EnvelopeContext;
  readonly timeouts: SessionTimeouts;
  readonly payloadLimit: number;
  readonly events: SessionEvents;
  /** End all sessions of a subject whose old id was used after the grace time. */
  readonly endReused: boolean;
  now(): number;
  /** The clock that tests may shift, asked with what the store says. */
  clock(actual: Date): Date;
}

/** How many successors are followed from one cookie. */
const MAX_HOPS = 4;
const POINTER_LENGTH = REFERENCE_TOKEN_LENGTH + 4;

/** What an old row says of its successor. */
interface Pointer {
  readonly token: Buffer;
  readonly movedAt: number;
  readonly subject: string | undefined;
}

/** The cookie holds a reference, the session waits sealed in a store. */
export class StoredRepository implements SessionRepository {
  readonly onServer = true;

  constructor(private readonly parts: StoredRepositoryParts) {}

  now(): number {
    return this.parts.now();
  }

  identity(): Identity {
    const token = ReferenceTokens.random();
    return { key: ReferenceTokens.rowKey(token), token };
  }

  open(text: string): Awaitable<Found> {
    const reference = this.parts.tokens.read(text);
    if (typeof reference === 'string') return { kind: 'none', reason: reference, ours: false };
    const { token, stale } = reference;
    return this.find({ key: ReferenceTokens.rowKey(token), token }, stale, MAX_HOPS);
  }

  reload({ key, token, resend }: Entry): Promise<Found> {
    return this.find({ key, token }, resend, MAX_HOPS);
  }

  async create(identity: Identity, record: SessionRecord): Promise<Entry> {
    await this.parts.store.create(await this.row(identity.key, record));
    return { ...identity, version: 1, record, stale: false, resend: true };
  }

  async replace(entry: Entry, record: SessionRecord): Promise<Entry | undefined> {
    const row = await this.row(entry.key, record);
    if ((await this.parts.store.replace(row, entry.version)) !== 'saved') return undefined;
    return { ...entry, version: entry.version + 1, record, stale: false };
  }

  async move(entry: Entry, to: Identity, record: SessionRecord, kind: MoveKind): Promise<Entry | undefined> {
    const row = await this.row(to.key, record);
    const tombstone = kind === 'successor' ? await this.pointer(entry, to) : this.grave();
    if ((await this.parts.store.move(entry.key, entry.version, row, tombstone)) !== 'saved') return undefined;
    return { ...to, version: 1, record, stale: false, resend: true };
  }

  async touch(entry: Entry, record: SessionRecord): Promise<Entry> {
    await this.parts.store.touch?.(await this.row(entry.key, record), entry.version);
    return { ...entry, record, stale: false };
  }

  async end(identity: Identity): Promise<void> {
    let { key } = identity;
    for (let hop = 0; hop <= MAX_HOPS; hop++) {
      if (await this.parts.store.destroy(key, this.grave().deadline)) return;
      const row = await this.parts.store.load(key);
      const successor = row?.state === 'moved' ? await this.openPointer(row) : undefined;
      if (!successor) return;
      key = ReferenceTokens.rowKey(successor.token);
    }
  }

  cookieValue({ token }: Entry): string {
    return this.parts.tokens.write(token!);
  }

  private async find(identity: Identity, resend: boolean, hops: number): Promise<Found> {
    const row = await this.parts.store.load(identity.key);
    if (!row) return { kind: 'none', reason: 'absent', ours: true };
    if (row.state === 'moved' && hops) return this.follow(row, hops);
    if (row.state !== 'live') return { kind: 'ended' };
    return this.read(identity, row, resend);
  }

  private async read(identity: Identity, row: FoundRow, resend: boolean): Promise<Found> {
    const { envelope, context, payloadLimit, timeouts } = this.parts;
    const none = (reason: (Found & { kind: 'none' })['reason']): Found => ({
      kind: 'none',
      reason,
      ours: true,
    });
    const opened = await envelope.open(row.sealed, context, row.key);
    if (typeof opened === 'string') return none(opened);
    const record = decodeRecord(opened.plaintext, payloadLimit);
    if (typeof record === 'string') return none(record);
    const now = toSeconds(this.parts.clock(row.now));
    if (!isAlive(record, now, timeouts)) return none('expired');
    return {
      kind: 'live',
      now,
      entry: { ...identity, version: row.version, record, stale: opened.stale, resend },
    };
  }

  /** From an old row to its successor: inside the grace time the cookie is mended, after it the alarm is raised. */
  private async follow(row: FoundRow, hops: number): Promise<Found> {
    const pointer = await this.openPointer(row);
    if (!pointer) return { kind: 'ended' };
    const now = toSeconds(this.parts.clock(row.now));
    const identity = { key: ReferenceTokens.rowKey(pointer.token), token: pointer.token };
    if (now < pointer.movedAt + this.parts.timeouts.graceTime) return this.find(identity, true, hops - 1);
    await this.alarm(identity, pointer.subject);
    return { kind: 'ended' };
  }

  private async alarm(successor: Identity, subject: string | undefined): Promise<void> {
    const { store, events, session, endReused } = this.parts;
    events.emit('reused', { session, subject });
    if (!endReused) return;
    await this.end(successor);
    if (subject !== undefined) await store.destroySubject?.(subject, this.grave().deadline, undefined);
  }

  private async row(key: Buffer, record: SessionRecord): Promise<SessionRow> {
    const { envelope, context, payloadLimit, timeouts } = this.parts;
    return {
      key,
      sealed: await envelope.seal(encodeRecord(record, payloadLimit), context, key),
      subject: record.subject,
      createdAt: toDate(record.bornAt),
      lastSeenAt: toDate(record.issuedAt),
      deadline: rowDeadline(record, timeouts),
    };
  }

  /** token(32) ‖ moved at(4) ‖ subject, sealed for the old row: kept as long as its session could have idled, so that a
   *  late use is noticed. */
  private async pointer(entry: Entry, to: Identity): Promise<Tombstone> {
    const { subject = '' } = entry.record;
    const bytes = Buffer.allocUnsafeSlow(POINTER_LENGTH + Buffer.byteLength(subject));
    bytes.set(to.token!, 0);
    bytes.writeUInt32BE(this.now(), REFERENCE_TOKEN_LENGTH);
    bytes.write(subject, POINTER_LENGTH);
    const sealed = await this.parts.envelope.seal(bytes, this.parts.successorContext, entry.key);
    bytes.fill(0);
    return { state: 'moved', sealed, deadline: rowDeadline(entry.record, this.parts.timeouts) };
  }

  private async openPointer(row: FoundRow): Promise<Pointer | undefined> {
    const opened = await this.parts.envelope.open(row.sealed, this.parts.successorContext, row.key);
    if (typeof opened === 'string' || opened.plaintext.length < POINTER_LENGTH) return undefined;
    const { plaintext } = opened;
    return {
      token: plaintext.subarray(0, REFERENCE_TOKEN_LENGTH),
      movedAt: plaintext.readUInt32BE(REFERENCE_TOKEN_LENGTH),
      subject: plaintext.toString('utf8', POINTER_LENGTH) || undefined,
    };
  }

  private grave(): Tombstone {
    const { graceTime } = this.parts.timeouts;
    return { state: 'ended', sealed: Buffer.alloc(0), deadline: toDate(this.now() + Math.max(1, graceTime)) };
  }
}
