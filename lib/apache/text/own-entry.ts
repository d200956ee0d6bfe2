import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { SESSION_ID_LENGTH } from '../../envelope/frame.js';
import { parseJsonObject } from '../../record/json-value.js';
import type { JsonObject } from '../../record/session-data.interface.js';
import type { SessionRecord } from '../../record/session-record.js';

/** Key of the one entry that is ours: httpd and its backends carry it along like any other. */
export const OWN_KEY = '_nsc';

const MAC_LENGTH = 16;

/** What a session of ours has that httpd has no entry for. */
export interface OwnEntry {
  readonly id: Buffer;
  readonly createdAt: number;
  readonly idIssuedAt: number;
  readonly lastSeenAt: number;
  readonly authenticatedAt: number;
  readonly generation: number;
  readonly subject: string | undefined;
  readonly flash: JsonObject;
  readonly csrfSeed: string | undefined;
  /** Keys whose text is JSON. */
  readonly json: ReadonlySet<string>;
}

/** base64url( HMAC-SHA-256(own subkey, JSON), first 16 bytes ‖ JSON )
 *
 *  A backend that may write entries does not know the passphrase, so that it cannot make one up. It can copy one that it
 *  has seen, subject and all: nothing in a session text says which session it is of. */
export function writeOwnEntry(key: KeyObject, record: SessionRecord, json: readonly string[]): string {
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

/** The entry, or `undefined` when no key of ours wrote it. */
export function readOwnEntry(keys: readonly KeyObject[], value: Buffer): OwnEntry | undefined {
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

/** The members by their short names, see {@link writeOwnEntry}. */
interface Written {
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

/** The MAC was right, so that the shape is what we wrote. */
function entryOf(members: JsonObject): OwnEntry | undefined {
  const { i, b, c = b, t, a = 0, g = 0, u, f = {}, s, j = [] } = members as unknown as Written;
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
