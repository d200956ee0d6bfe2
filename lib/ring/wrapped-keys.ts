import type { Envelope } from '../envelope/envelope.js';
import { EnvelopeContext } from '../envelope/envelope-context.js';
import type { RejectReason } from '../errors/envelope.error.js';
import { hintText } from '../crypto/key-hint.js';
import type { KeyFacts, KeyRow, KeyState } from '../stores/key-row-store.interface.js';

/** The number of each state in {@link encodeFacts}. */
const STATES: Readonly<Record<KeyState, number>> = { published: 1, sealing: 2, retiring: 3, revoked: 4 };

/** A row that has been opened. */
export interface UnwrappedKey {
  /** The 32 bytes of the key. Whoever gets them wipes them. */
  readonly bytes: Buffer;
  /** True if another secret than the first has wrapped it. */
  readonly stale: boolean;
}

/** Wraps the keys of a managed ring by `crypto.secrets`: the first secret wraps, all secrets unwrap. A wrapped key is an envelope
 *  as that of a session. It is bound to the name of the ring and to all columns of its row, so a row that was swapped, put into
 *  another ring, or edited does not open. With a key in a token, the key of the envelope is derived where that key lives. */
export class WrappedKeys {
  private readonly context: EnvelopeContext;

  constructor(
    private readonly envelope: Envelope,
    ring: string,
  ) {
    this.context = new EnvelopeContext({
      purpose: 'ring-key',
      store: 'ring',
      name: ring,
      tenant: '',
      audience: '',
    });
  }

  /** Returns the row of a key. The bytes stay the caller's. */
  async wrap(bytes: Buffer, facts: KeyFacts): Promise<KeyRow> {
    return { ...facts, wrapped: await this.envelope.seal(bytes, this.context, encodeFacts(facts)) };
  }

  /** Opens a row, or returns the reason why it does not open. */
  async unwrap(row: KeyRow): Promise<UnwrappedKey | RejectReason> {
    const opened = await this.envelope.open(row.wrapped, this.context, encodeFacts(row));
    return typeof opened === 'string' ? opened : { bytes: opened.plaintext, stale: opened.stale };
  }
}

/** Returns what a wrapped key is bound to beside the name of its ring:
 *
 *      id(4) ‖ version(4) ‖ hint(4) ‖ state(1) ‖ created(8) ‖ seals(8) ‖ retires(8) ‖ drops(8)
 *
 *  Times are milliseconds since 1970, and 0 where there is none. All numbers are big-endian. */
export function encodeFacts({ id, version, hint, state, ...times }: KeyFacts): Buffer {
  const bytes = Buffer.alloc(13 + 4 * 8);
  bytes.writeUInt32BE(id, 0);
  bytes.writeUInt32BE(version, 4);
  bytes.writeUInt32BE(hint, 8);
  bytes[12] = STATES[state];
  [times.createdAt, times.sealsAt, times.retiresAt, times.dropsAt].forEach((time, i) =>
    bytes.writeBigUInt64BE(BigInt(time?.getTime() ?? 0), 13 + 8 * i),
  );
  return bytes;
}

/** Returns a sentence about a row that does not open. It shows hints, which are no secrets. `secrets` are the hints of the
 *  secrets that are there. */
export function unwrapFault(row: KeyRow, reason: RejectReason, secrets: readonly number[]): string {
  const key = `the row of key ${row.id} (hint ${hintText(row.hint)})`;
  const otherwise = `or end its sessions: session-crypto keys revoke ${row.id}`;
  if (reason === 'unknown-key')
    return (
      `${key} is wrapped by a secret with the hint ${hintText(row.wrapped.readUInt32BE(1))}, which is missing; ` +
      `the hints of the secrets in crypto.secrets are ${secrets.map(hintText).join(', ')}; put the missing secret back at the end of the list, ${otherwise}`
    );
  if (reason === 'version')
    return `${key} is wrapped with a cipher that is not accepted; add it to crypto.acceptCiphers, ${otherwise}`;
  return `${key} does not open (${reason}): somebody has changed the row, or it belongs to another ring; restore the row from a backup, ${otherwise}`;
}
