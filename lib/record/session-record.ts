import { isUtf8 } from 'node:buffer';
import { randomPoolBytes } from '../crypto/random-pool.js';
import { decodeFrame, encodeFrame, FRAME_LENGTH, SESSION_ID_LENGTH, type Frame } from '../envelope/frame.js';
import { SessionTooLargeError } from '../errors/session-state.error.js';
import type { RejectReason } from '../errors/envelope.error.js';
import { decodeDevice, encodeDevice, type Device } from './device.js';
import { parseJsonObject } from './json-value.js';
import type { JsonObject, JsonValue } from './session-data.interface.js';

/** Everything of a session that is sealed. A record is never changed: each change makes another record. */
export interface SessionRecord extends Frame {
  /** The user who is logged in; `undefined` for nobody. */
  readonly subject: string | undefined;
  readonly data: JsonObject;
  /** Values that are read once. */
  readonly flash: JsonObject;
  /** The seed of the CSRF tokens. `login()` makes it, and periodic renewal keeps it. */
  readonly csrfSeed: string | undefined;
  /** Whole seconds since 1970 at which the session began. `idIssuedAt` is later once the id was renewed. */
  readonly createdAt: number;
  /** What the login came from; absent where no list shows it. */
  readonly device?: Device | undefined;
  /** What a foreign format carries in addition. The native format does not seal it. */
  readonly foreign?: unknown;
}

/** A copy of a record that is being changed. */
export type RecordDraft = { -readonly [K in keyof SessionRecord]: SessionRecord[K] } & {
  data: Record<string, JsonValue>;
  flash: Record<string, JsonValue>;
};

export const draftOf = (record: SessionRecord): RecordDraft => ({
  ...record,
  data: { ...record.data },
  flash: { ...record.flash },
});

/** Returns an empty session of nobody that begins at `now` (whole seconds since 1970). */
export function emptyRecord(now: number, idleTimeout: number, absoluteTimeout: number): SessionRecord {
  return {
    id: randomPoolBytes(SESSION_ID_LENGTH),
    idIssuedAt: now,
    lastSeenAt: now,
    deadline: absoluteTimeout ? now + absoluteTimeout : 0,
    idleTimeout,
    authenticatedAt: 0,
    generation: 0,
    epoch: 0,
    subject: undefined,
    data: {},
    flash: {},
    csrfSeed: undefined,
    createdAt: now,
  };
}

export const isEmptyRecord = ({ subject, data, flash, csrfSeed }: SessionRecord): boolean =>
  subject === undefined && csrfSeed === undefined && isEmpty(data) && isEmpty(flash);

/** Encodes a record: frame(48) ‖ JSON of { u: subject, d: data, f: flash, s: csrf seed, c: created at, v: what the login came
 *  from }. Each member
 *  is present only if it differs from what {@link decodeRecord} assumes. Throws a SessionTooLargeError if the JSON
 *  has more than `limit` bytes. */
export function encodeRecord(record: SessionRecord, limit: number): Buffer {
  const { subject, data, flash, csrfSeed, createdAt, idIssuedAt, device } = record;
  const bytes = encodeFrame(
    record,
    JSON.stringify({
      u: subject,
      d: isEmpty(data) ? undefined : data,
      f: isEmpty(flash) ? undefined : flash,
      s: csrfSeed,
      c: createdAt === idIssuedAt ? undefined : createdAt,
      v: encodeDevice(device),
    }),
  );
  const size = bytes.length - FRAME_LENGTH;
  if (size > limit) throw new SessionTooLargeError(size, limit, bytesByKey(record));
  return bytes;
}

/** Decodes a record, or returns the reason why the plaintext holds none. The bytes are authentic, but may come from
 *  another version: every member is checked. */
export function decodeRecord(plaintext: Buffer, limit: number): SessionRecord | RejectReason {
  const decoded = decodeFrame(plaintext);
  if (typeof decoded === 'string') return decoded;
  const { frame, payload } = decoded;
  const members =
    payload.length <= limit && isUtf8(payload) ? parseJsonObject(payload.toString()) : undefined;
  if (!members) return 'payload';
  const { u, d = {}, f = {}, s, c = frame.idIssuedAt, v } = members;
  if (!isSubject(u) || !isObject(d) || !isObject(f) || !isSeed(s) || !isSeconds(c)) return 'payload';
  return {
    // written out: V8 takes a slow path for a spread that adds keys
    id: frame.id,
    idIssuedAt: frame.idIssuedAt,
    lastSeenAt: frame.lastSeenAt,
    deadline: frame.deadline,
    idleTimeout: frame.idleTimeout,
    authenticatedAt: frame.authenticatedAt,
    generation: frame.generation,
    epoch: frame.epoch,
    subject: u === undefined ? undefined : String(u),
    data: d,
    flash: f,
    csrfSeed: s,
    createdAt: c,
    device: decodeDevice(v),
  };
}

/** Reports whether a session was a subject's and is no longer. This happens where another program shares it and has
 *  kept the id. */
export const isAnothers = (before: SessionRecord, now: SessionRecord): boolean =>
  before.subject !== undefined && before.subject !== now.subject;

const isSubject = (value: unknown): value is string | number | undefined =>
  value === undefined || typeof value === 'string' || typeof value === 'number';
const isSeed = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';
const isSeconds = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;

/** Returns the JSON bytes of each top-level key, largest first, for the error of a session that is too large. A value and a flash
 *  value of one key count together. */
export function bytesByKey({ data, flash }: SessionRecord): Record<string, number> {
  const sizes = new Map<string, number>();
  for (const [key, value] of [...Object.entries(data), ...Object.entries(flash)])
    sizes.set(key, (sizes.get(key) ?? 0) + Buffer.byteLength(JSON.stringify({ [key]: value })) - 2);
  return Object.fromEntries([...sizes].toSorted(([, a], [, b]) => b - a));
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
