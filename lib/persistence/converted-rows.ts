import { andThen, type Awaitable } from '../crypto/awaitable.js';
import type { Envelope } from '../envelope/envelope.js';
import { EnvelopeContext } from '../envelope/envelope-context.js';
import type { RejectReason } from '../errors/envelope.error.js';
import { parseJsonObject } from '../record/json-value.js';
import type { JsonObject, JsonValue } from '../record/session-data.interface.js';
import type { LoadedRow } from '../stores/session-store.interface.js';
import type { ConvertedSession } from './converted-session.interface.js';

/** Seals converted sessions into rows, and opens them. Their sealing purpose is `converted`, so that nothing takes a row for a
 *  session, or a session for a converted one. */
export class ConvertedRows {
  private readonly context: EnvelopeContext;

  /** `context` is that of the sessions of the same store. */
  constructor(
    private readonly envelope: Envelope,
    context: EnvelopeContext,
  ) {
    this.context = convertedContext(context);
  }

  /** Returns the converted session in a row, or the reason why the row holds none. */
  open({ key, sealed, state }: LoadedRow): Awaitable<ConvertedSession | RejectReason> {
    if (state !== 'live') return 'absent';
    return andThen(this.envelope.open(sealed, this.context, key), (opened) =>
      typeof opened === 'string' ? opened : decode(opened.plaintext),
    );
  }

  /** Throws a RangeError for a session that is too long. */
  seal(key: Buffer, { source, origin, expiresAt, subject, data }: ConvertedSession): Awaitable<Buffer> {
    const json = JSON.stringify({ f: source, i: origin, e: expiresAt, u: subject, d: data });
    return this.envelope.seal(Buffer.from(json), this.context, key);
  }
}

/** Returns the context of converted sessions beside that of sessions. */
export const convertedContext = ({ items }: EnvelopeContext): EnvelopeContext =>
  new EnvelopeContext({ ...items, purpose: 'converted' });

/** The bytes are authentic, but may come from another version: every member is checked. */
function decode(plaintext: Buffer): ConvertedSession | RejectReason {
  const { f, i, e, u, d } = parseJsonObject(plaintext.toString()) ?? {};
  if (typeof f !== 'string' || typeof i !== 'string') return 'payload';
  if (!isOptional(e, 'number') || !isOptional(u, 'string')) return 'payload';
  if (d !== undefined && (typeof d !== 'object' || d === null || Array.isArray(d))) return 'payload';
  return {
    source: f,
    origin: i,
    expiresAt: e as number | undefined,
    subject: u as string | undefined,
    data: d as JsonObject | undefined,
  };
}

const isOptional = (value: JsonValue | undefined, type: 'number' | 'string'): boolean =>
  value === undefined || typeof value === type;
