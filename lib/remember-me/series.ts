import { timingSafeEqual } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { randomPoolBytes } from '../crypto/random-pool.js';
import { hashOf, nextToken, SECRET_LENGTH, type RememberToken } from './remember-token.js';

/** One browser's way to one subject, as it is kept: sealed, and with hashes of its secrets only. Moments are whole
 *  seconds since 1970. */
export interface Series {
  readonly subject: string;
  readonly begunAt: number;
  /** It ends then, used or not. */
  readonly deadline: number;
  /** When the present secret took the place of the one before; 0 for never. */
  readonly replacedAt: number;
  /** SHA-256 of the secret that logs in. */
  readonly current: Buffer;
  /** SHA-256 of the secret before; zeros for none. */
  readonly previous: Buffer;
  /** Leads from the secret before to the present one. */
  readonly salt: Buffer;
}

/** What a secret is to its series: it logs in; it was replaced just now; it was replaced long ago, so that somebody
 *  has a copy; its time is over. */
export type Verdict = 'current' | 'previous' | 'stolen' | 'expired';

const FORMAT = 0x01;
const HEAD_LENGTH = 13;
const SUBJECT_AT = HEAD_LENGTH + 3 * SECRET_LENGTH;
/** What fits into 32 bits. */
const LAST_MOMENT = 0xffffffff;

export function beginSeries(token: RememberToken, subject: string, now: number, lifetime: number): Series {
  return {
    subject,
    begunAt: now,
    deadline: endOf(now, lifetime),
    replacedAt: 0,
    current: hashOf(token),
    previous: Buffer.alloc(SECRET_LENGTH),
    salt: Buffer.alloc(SECRET_LENGTH),
  };
}

/** The series and the token after one use. `lifetime`: seconds from now, where a use prolongs it. */
export function replaceToken(
  series: Series,
  token: RememberToken,
  now: number,
  lifetime?: number,
): { series: Series; token: RememberToken } {
  const salt = randomPoolBytes(SECRET_LENGTH);
  const next = nextToken(token, salt);
  const deadline = lifetime === undefined ? series.deadline : endOf(now, lifetime);
  const replaced = { replacedAt: now, current: hashOf(next), previous: series.current, salt, deadline };
  return { series: { ...series, ...replaced }, token: next };
}

export function judge(series: Series, token: RememberToken, now: number, graceTime: number): Verdict {
  if (now >= series.deadline) return 'expired';
  const hash = hashOf(token);
  if (timingSafeEqual(hash, series.current)) return 'current';
  const lately = timingSafeEqual(hash, series.previous) && now < series.replacedAt + graceTime;
  return lately ? 'previous' : 'stolen';
}

/** format(1) ‖ begun(4) ‖ deadline(4) ‖ replaced(4) ‖ current(32) ‖ previous(32) ‖ salt(32) ‖ subject (UTF-8) */
export function encodeSeries(series: Series): Buffer {
  const head = Buffer.alloc(HEAD_LENGTH);
  head[0] = FORMAT;
  head.writeUInt32BE(series.begunAt, 1);
  head.writeUInt32BE(series.deadline, 5);
  head.writeUInt32BE(series.replacedAt, 9);
  return Buffer.concat([head, series.current, series.previous, series.salt, Buffer.from(series.subject)]);
}

/** What {@link encodeSeries} made, or `undefined`. */
export function decodeSeries(bytes: Buffer): Series | undefined {
  const subject = bytes.subarray(SUBJECT_AT);
  if (!subject.length || bytes[0] !== FORMAT || !isUtf8(subject)) return undefined;
  const part = (i: number) =>
    Buffer.from(bytes.subarray(HEAD_LENGTH + i * SECRET_LENGTH).subarray(0, SECRET_LENGTH));
  return {
    subject: subject.toString(),
    begunAt: bytes.readUInt32BE(1),
    deadline: bytes.readUInt32BE(5),
    replacedAt: bytes.readUInt32BE(9),
    current: part(0),
    previous: part(1),
    salt: part(2),
  };
}

const endOf = (now: number, lifetime: number): number => Math.min(LAST_MOMENT, now + lifetime);
