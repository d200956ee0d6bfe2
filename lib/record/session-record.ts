import { isUtf8 } from 'node:buffer';
import { randomPoolBytes } from '../crypto/random-pool.js';
import { decodeFrame, encodeFrame, FRAME_LENGTH, SESSION_ID_LENGTH, type Frame } from '../envelope/frame.js';
import { SessionTooLargeError } from '../errors/session-state.error.js';
import type { RejectReason } from '../errors/envelope.error.js';
import { parseJsonObject } from './json-value.js';
import type { JsonObject, JsonValue } from './session-data.interface.js';

/** Everything that is sealed of a session. Never changed: each change makes another record. */
export interface SessionRecord extends Frame {
  /** Who is logged in. */
  readonly subject: string | undefined;
  readonly data: JsonObject;
  /** Values that are read once. */
  readonly flash: JsonObject;
  /** Binds CSRF tokens; made at login, kept through periodic regeneration. */
  readonly csrfSeed: string | undefined;
  /** When the session began, where `createdAt` is younger since the id was renewed. Whole seconds. */
  readonly createdAt: number;
  /** What another form of session carries besides; our own form leaves it out. */
  readonly foreign?: unknown;
}

/** A record that is being changed. */
export type RecordDraft = { -readonly [K in keyof SessionRecord]: SessionRecord[K] } & {
  data: Record<string, JsonValue>;
  flash: Record<string, JsonValue>;
};

export const draftOf = (record: SessionRecord): RecordDraft => ({
  ...record,
  data: { ...record.data },
  flash: { ...record.flash },
});

/** A session of nobody with nothing in it, begun at `now` (whole seconds). */
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

/** frame(48) ‖ JSON of { u: subject, d: data, f: flash, s: csrf seed, c: begun at }, each member only where it says
 *  something. Throws a SessionTooLargeError when the JSON has more than `limit` bytes. */
export function encodeRecord(record: SessionRecord, limit: number): Buffer {
  const { subject, data, flash, csrfSeed, createdAt, idIssuedAt } = record;
  const bytes = encodeFrame(
    record,
    JSON.stringify({
      u: subject,
      d: isEmpty(data) ? undefined : data,
      f: isEmpty(flash) ? undefined : flash,
      s: csrfSeed,
      c: createdAt === idIssuedAt ? undefined : createdAt,
    }),
  );
  const size = bytes.length - FRAME_LENGTH;
  if (size > limit) throw new SessionTooLargeError(size, limit, bytesByKey(record));
  return bytes;
}

/** The record, or why the plaintext is none. */
export function decodeRecord(plaintext: Buffer, limit: number): SessionRecord | RejectReason {
  const decoded = decodeFrame(plaintext);
  if (typeof decoded === 'string') return decoded;
  const { frame, payload } = decoded;
  const members =
    payload.length <= limit && isUtf8(payload) ? parseJsonObject(payload.toString()) : undefined;
  if (!members) return 'payload';
  const { u, d = {}, f = {}, s, c = frame.idIssuedAt } = members;
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
  };
}

/** Whether a session was somebody's and is no longer, as where another side shares it and nobody took another id. */
export const isAnothers = (before: SessionRecord, now: SessionRecord): boolean =>
  before.subject !== undefined && before.subject !== now.subject;

const isSubject = (value: unknown): value is string | number | undefined =>
  value === undefined || typeof value === 'string' || typeof value === 'number';
const isSeed = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';
const isSeconds = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;

/** JSON bytes of each top-level key, largest first: what to look at when a session is too large. */
export function bytesByKey({ data, flash }: SessionRecord): Record<string, number> {
  const sizes = [...Object.entries(data), ...Object.entries(flash)].map(
    ([key, value]) => [key, Buffer.byteLength(JSON.stringify({ [key]: value })) - 2] as const,
  );
  return Object.fromEntries(sizes.toSorted(([, a], [, b]) => b - a));
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
