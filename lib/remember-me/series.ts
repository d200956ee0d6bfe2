import { timingSafeEqual } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { randomPoolBytes } from '../crypto/random-pool.js';
import { hashOf, nextToken, SECRET_LENGTH, type RememberToken } from './remember-token.js';

/** A series: one browser that may log one subject in. It is stored sealed and contains only hashes of its secrets. Moments
 *  are whole seconds since 1970. */
export interface Series {
  readonly subject: string;
  readonly createdAt: number;
  /** The series ends then, whether it was used or not. */
  readonly deadline: number;
  /** When the current secret replaced the previous one; 0 if none was replaced yet. */
  readonly replacedAt: number;
  /** SHA-256 of the secret that logs in. */
  readonly current: Buffer;
  /** SHA-256 of the secret before it; zeros if there is none. */
  readonly previous: Buffer;
  /** Derives the current secret from the previous one, see {@link nextToken}. */
  readonly salt: Buffer;
  /** Row key of the session that the last replacement logged in to, 32 bytes; absent if there is none on a server. */
  readonly begun?: Buffer | undefined;
}

/** The state of a token by its series. `current`: it logs in. `previous`: it was replaced, but less than the grace period
 *  ago. `stolen`: it was replaced before that or never belonged to the series, so somebody used a copy. `expired`: the
 *  series is over. */
export type TokenState = 'current' | 'previous' | 'stolen' | 'expired';

const FORMAT = 0x01;
/** The format with {@link Series.begun}. */
const FORMAT_BEGUN = 0x03;
const HEAD_LENGTH = 13;
const SUBJECT_AT = HEAD_LENGTH + 3 * SECRET_LENGTH;
/** The last moment that 32 bits can hold. */
const LAST_MOMENT = 0xffffffff;

/** Returns a new series. `now` and `lifetime` are in seconds. */
export function beginSeries(token: RememberToken, subject: string, now: number, lifetime: number): Series {
  return {
    subject,
    createdAt: now,
    deadline: deadlineOf(now, lifetime),
    replacedAt: 0,
    current: hashOf(token),
    previous: Buffer.alloc(SECRET_LENGTH),
    salt: Buffer.alloc(SECRET_LENGTH),
  };
}

/** Returns the series and the token after one use of `token`, which must be the current one. With `lifetime`, in seconds,
 *  the use also moves the deadline. `begun` is the row key of the session that the use logs in to. */
export function replaceToken(
  series: Series,
  token: RememberToken,
  now: number,
  lifetime?: number,
  begun?: Buffer,
): { series: Series; token: RememberToken } {
  const salt = randomPoolBytes(SECRET_LENGTH);
  const next = nextToken(token, salt);
  const deadline = lifetime === undefined ? series.deadline : deadlineOf(now, lifetime);
  const replaced = {
    replacedAt: now,
    current: hashOf(next),
    previous: series.current,
    salt,
    deadline,
    begun,
  };
  return { series: { ...series, ...replaced }, token: next };
}

/** Returns the state of a token. Secrets are compared in constant time. `now` and `graceTime` are in seconds. */
export function stateOf(series: Series, token: RememberToken, now: number, graceTime: number): TokenState {
  if (now >= series.deadline) return 'expired';
  const hash = hashOf(token);
  if (timingSafeEqual(hash, series.current)) return 'current';
  const isRecent = timingSafeEqual(hash, series.previous) && now < series.replacedAt + graceTime;
  return isRecent ? 'previous' : 'stolen';
}

/** Encodes a series:
 *  format(1) ‖ created(4) ‖ deadline(4) ‖ replaced(4) ‖ current(32) ‖ previous(32) ‖ salt(32) ‖ [begun(32)] ‖ subject (UTF-8).
 *  The format says whether `begun` is there. */
export function encodeSeries(series: Series): Buffer {
  const head = Buffer.alloc(HEAD_LENGTH);
  const { current, previous, salt, begun, subject } = series;
  head[0] = begun ? FORMAT_BEGUN : FORMAT;
  head.writeUInt32BE(series.createdAt, 1);
  head.writeUInt32BE(series.deadline, 5);
  head.writeUInt32BE(series.replacedAt, 9);
  return Buffer.concat([head, current, previous, salt, ...(begun ? [begun] : []), Buffer.from(subject)]);
}

/** Decodes the bytes of {@link encodeSeries}; `undefined` if they have another format or no subject in valid UTF-8. */
export function decodeSeries(bytes: Buffer): Series | undefined {
  const hasBegun = bytes[0] === FORMAT_BEGUN;
  const subject = bytes.subarray(hasBegun ? SUBJECT_AT + SECRET_LENGTH : SUBJECT_AT);
  if (!subject.length || (bytes[0] !== FORMAT && !hasBegun) || !isUtf8(subject)) return undefined;
  const part = (i: number) =>
    Buffer.from(bytes.subarray(HEAD_LENGTH + i * SECRET_LENGTH).subarray(0, SECRET_LENGTH));
  return {
    subject: subject.toString(),
    createdAt: bytes.readUInt32BE(1),
    deadline: bytes.readUInt32BE(5),
    replacedAt: bytes.readUInt32BE(9),
    current: part(0),
    previous: part(1),
    salt: part(2),
    begun: hasBegun ? part(3) : undefined,
  };
}

const deadlineOf = (now: number, lifetime: number): number => Math.min(LAST_MOMENT, now + lifetime);
