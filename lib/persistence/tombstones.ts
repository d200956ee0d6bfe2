import type { Envelope } from '../envelope/envelope.js';
import { EnvelopeContext } from '../envelope/envelope-context.js';
import type { LoadedRow, Tombstone } from '../stores/session-store.interface.js';
import { pointerDeadline, toDate, type SessionTimeouts } from '../record/session-lifetime.js';
import type { SessionRecord } from '../record/session-record.js';
import type { Identity, MoveKind, StoredSession } from './session-repository.interface.js';
import { decodePointer, encodePointer, type SuccessorPointer } from './successor-pointer.js';

/** Why an old row points to a successor. A `relogin` is a login of the subject whose session it was already. */
export type PointerKind = MoveKind | 'relogin';

const ENDED_KINDS: readonly PointerKind[] = ['asked', 'relogin', 'login'];

/** Everything that {@link Tombstones} works with. */
export interface TombstoneParts {
  readonly envelope: Envelope;
  /** The context of the pointers that a request follows: purpose `successor`. */
  readonly successorContext: EnvelopeContext;
  readonly timeouts: SessionTimeouts;
  now(): number;
}

/** Makes what is left of a row that was moved or ended, and reads the pointer in it. */
export class Tombstones {
  /** Each kind of pointer has a sealing purpose of its own, so that nobody who can write the table can turn one that only a
   *  logout follows into one that a request follows. */
  private readonly contexts: Readonly<Record<PointerKind, EnvelopeContext>>;

  constructor(private readonly parts: TombstoneParts) {
    const { successorContext } = parts;
    const context = (purpose: string) => new EnvelopeContext({ ...successorContext.items, purpose });
    this.contexts = {
      periodic: successorContext,
      asked: context('successor-asked'),
      login: context('successor-login'),
      relogin: context('successor-relogin'),
    };
  }

  /** The tombstone of an ended session. It leads nowhere. */
  ofEnded(): Tombstone {
    return { state: 'ended', sealed: Buffer.alloc(0), deadline: this.graceEnd };
  }

  /** The tombstone of a row that moves. It points to the successor. After `login` it is kept for the grace period, otherwise
   *  for as long as its holder may have to end the successor. */
  async ofMoved(
    entry: StoredSession,
    to: Identity,
    record: SessionRecord,
    move: MoveKind,
  ): Promise<Tombstone> {
    const kind = kindOf(move, entry.record, record);
    const { envelope, timeouts } = this.parts;
    const now = this.parts.now();
    const bytes = encodePointer({ token: to.token!, movedAt: now, subject: entry.record.subject });
    const sealed = await envelope.seal(bytes, this.contexts[kind], entry.key);
    bytes.fill(0);
    const state = kind === 'periodic' ? 'moved' : 'ended';
    if (kind === 'login') return { state, sealed, deadline: this.graceEnd };
    return { state, sealed, deadline: pointerDeadline(record, now, timeouts) };
  }

  /** Reads the pointer of a row whose id was renewed periodically; `undefined` if the bytes are not authentic. */
  pointerOfMoved(row: LoadedRow): Promise<SuccessorPointer | undefined> {
    return this.open(row, 'periodic');
  }

  /** Reads the pointer of a row in any state, and says why it is there. */
  async anyPointer(row: LoadedRow): Promise<(SuccessorPointer & { kind: PointerKind }) | undefined> {
    if (!row.sealed.length || row.state === 'live') return undefined;
    const kinds = row.state === 'moved' ? (['periodic'] as const) : ENDED_KINDS;
    for (const kind of kinds) {
      const pointer = await this.open(row, kind);
      if (pointer) return { ...pointer, kind };
    }
    return undefined;
  }

  private async open(row: LoadedRow, kind: PointerKind): Promise<SuccessorPointer | undefined> {
    const opened = await this.parts.envelope.open(row.sealed, this.contexts[kind], row.key);
    return typeof opened === 'string' ? undefined : decodePointer(opened.plaintext);
  }

  private get graceEnd(): Date {
    return toDate(this.parts.now() + Math.max(1, this.parts.timeouts.graceTime));
  }
}

function kindOf(move: MoveKind, before: SessionRecord, after: SessionRecord): PointerKind {
  const isRelogin = move === 'login' && before.subject !== undefined && before.subject === after.subject;
  return isRelogin ? 'relogin' : move;
}
