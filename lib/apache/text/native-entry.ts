import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { SESSION_ID_LENGTH } from '../../envelope/frame.js';
import { parseJsonObject } from '../../record/json-value.js';
import type { JsonObject } from '../../record/session-data.interface.js';
import type { SessionRecord } from '../../record/session-record.js';

/** Key of the native entry: the one entry of a session text that only this package reads. httpd and its backends carry it
 *  along like any other entry. */
export const NATIVE_KEY = '_nsc';

/** Bytes of the MAC. Half of HMAC-SHA-256 is enough: 128 bits. */
const MAC_LENGTH = 16;

/** The parts of a session record for which httpd has no entry. Times are whole seconds since 1970. */
export interface NativeEntry {
  readonly id: Buffer;
  /** The beginning of the session, kept when the id changes. */
  readonly createdAt: number;
  readonly idIssuedAt: number;
  readonly lastSeenAt: number;
  /** 0 if nobody has logged in. */
  readonly authenticatedAt: number;
  /** Rises at each regeneration, see frame.ts. */
  readonly generation: number;
  /** The subject that `session.login()` set here. A login by httpd's password is not written. */
  readonly subject: string | undefined;
  readonly flash: JsonObject;
  readonly csrfSeed: string | undefined;
  /** Keys of the data whose text is JSON. */
  readonly json: ReadonlySet<string>;
}

/** Returns the value of the native entry:
 *
 *      base64url( mac(16) ‖ JSON )        mac: the first 16 bytes of HMAC-SHA-256(native subkey, JSON)
 *
 *  A backend that may write entries does not know the passphrase, so it cannot forge this one. It can copy an entry that
 *  it has seen into another session, subject included, because a session text does not say which session it belongs to. */
export function writeNativeEntry(key: KeyObject, record: SessionRecord, json: readonly string[]): string {
  const { id, createdAt, idIssuedAt, lastSeenAt, authenticatedAt, generation, subject, flash, csrfSeed } =
    record;
  const text = JSON.stringify({
    i: id.toString('base64url'),
    b: createdAt,
    c: idIssuedAt === createdAt ? undefined : idIssuedAt,
    t: lastSeenAt,
    a: authenticatedAt || undefined,
    g: generation || undefined,
    u: subject,
    f: Object.keys(flash).length ? flash : undefined,
    s: csrfSeed,
    j: json.length ? json : undefined,
  });
  return Buffer.concat([mac(key, text), Buffer.from(text)]).toString('base64url');
}

/** Returns the entry, or `undefined` if none of the keys made its MAC. */
export function readNativeEntry(keys: readonly KeyObject[], value: Buffer): NativeEntry | undefined {
  const bytes = Buffer.from(value.toString('latin1'), 'base64url');
  if (bytes.length <= MAC_LENGTH) return undefined;
  const text = bytes.toString('utf8', MAC_LENGTH);
  const tag = bytes.subarray(0, MAC_LENGTH);
  if (!keys.some((key) => timingSafeEqual(mac(key, text), tag))) return undefined;
  const members = parseJsonObject(text);
  return members && entryOf(members);
}

const mac = (key: KeyObject, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest().subarray(0, MAC_LENGTH);

/** The members under their short names, as {@link writeNativeEntry} writes them. */
interface WireMembers {
  readonly i: string;
  readonly b: number;
  readonly c?: number;
  readonly t: number;
  readonly a?: number;
  readonly g?: number;
  readonly u?: string;
  readonly f?: JsonObject;
  readonly s?: string;
  readonly j?: readonly string[];
}

/** Turns the members into an entry. The MAC was right, so the members have the shape that we wrote. */
function entryOf(members: JsonObject): NativeEntry | undefined {
  const { i, b, c = b, t, a = 0, g = 0, u, f = {}, s, j = [] } = members as unknown as WireMembers;
  const id = Buffer.from(i, 'base64url');
  if (id.length !== SESSION_ID_LENGTH) return undefined;
  return {
    id,
    createdAt: b,
    idIssuedAt: c,
    lastSeenAt: t,
    authenticatedAt: a,
    generation: g,
    subject: u,
    flash: f,
    csrfSeed: s,
    json: new Set(j),
  };
}
