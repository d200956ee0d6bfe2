import type { KeyObject } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { findCipher, type ApacheCipher, type ApacheCipherName } from '../../../lib/apache/sealing/ciphers.js';
import { PassphraseKey } from '../../../lib/apache/sealing/passphrase-key.js';
import {
  ApacheEnvelope,
  formatSessionText,
  mergeSessionText,
  parseSessionText,
  type SessionText,
} from '../../../lib/apache/index.js';
import { DriverCipher } from '../../../lib/apache/sealing/driver-cipher.js';
import { sealBlob } from '../../../lib/apache/sealing/sealed-blob.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { SessionConfigError } from '../../../lib/errors/session-config.error.js';
import { cookieOf, ourFile, passphrasesOf, readVectors, vectorsFile, type HttpdVector } from './apache-httpd.js';

const vectors = readVectors(vectorsFile);
const ours = readVectors(ourFile);
const passed: string[] = [];
const inPart: string[] = [];
const leftOut: string[] = [];
const NO_KEY = 'as no vector has the passphrase of its request_cookie';

const hex = (text: string) => Buffer.from(text, 'hex');
const written = ({ entries, expiry }: SessionText) => formatSessionText(entries, expiry);
const NONE: SessionText = { entries: [] };

function envelopeOf(vector: HttpdVector): ApacheEnvelope {
  return new ApacheEnvelope({ cipher: vector.cipher as ApacheCipherName, secrets: passphrasesOf(vector)! });
}

/** What httpd is given back: the value, or what the whole header says. */
const sentBack = ({ cookie_header, sealed }: HttpdVector): string | undefined =>
  cookie_header ? cookieOf(cookie_header) : (sealed ?? undefined);

async function opened(vector: HttpdVector) {
  const value = sentBack(vector);
  return value === undefined ? undefined : envelopeOf(vector).open(value);
}

/** The session after the responses of the backend, or `undefined` when nothing opens the cookie that the request
 *  carried: it may have been sealed under a passphrase that only the vector of that cookie has. */
async function afterBackend(vector: HttpdVector): Promise<SessionText | undefined> {
  let session = NONE;
  if (vector.request_cookie) {
    const owner = [vector, ...vectors, ...ours].find(({ sealed }) => sealed === vector.request_cookie) ?? vector;
    const before = await envelopeOf(owner).open(vector.request_cookie);
    if (!before) return undefined;
    session = parseSessionText(before.plaintext);
  }
  const headers = vector.backend_header!.split(' THEN ');
  return headers.reduce((session, header) => mergeSessionText(session, header), session);
}

async function opens(vector: HttpdVector): Promise<void> {
  const result = await opened(vector);
  expect(result?.plaintext.toString('latin1')).toBe(vector.plaintext);
  if (vector.opened_by != null)
    expect(result).toMatchObject({ index: vector.opened_by, stale: vector.opened_by > 0 });
}

async function sealsTheSame(vector: HttpdVector): Promise<void> {
  const { salt_hex, iv_hex, sealed, plaintext, opened_by } = vector;
  if (!salt_hex || !iv_hex || !sealed || plaintext == null) return;
  const cipher = findCipher(vector.cipher) as ApacheCipher;
  const from = new PassphraseKey(1, passphrasesOf(vector)![opened_by ?? 0]!);
  const openssl = new DriverCipher(new OpensslDriver(), cipher);
  const key = (await openssl.derive(from, hex(salt_hex))) as KeyObject;
  const text = Buffer.from(plaintext, 'latin1');
  const blob = await sealBlob(openssl, from.mac, key, hex(salt_hex), hex(iv_hex), text);
  expect(blob.toString('base64')).toBe(sealed);
  if (vector.key_hex) expect(key.export().toString('hex')).toBe(vector.key_hex);
  if (vector.mac_hex) expect(blob.toString('hex', 0, 8)).toBe(vector.mac_hex);
}

/** The text is read as httpd read it, and is what the backend's headers come to. */
async function saysTheSame(vector: HttpdVector): Promise<void> {
  const { httpd_reads, plaintext, backend_header, row } = vector;
  const session = parseSessionText(Buffer.from(plaintext!, 'latin1'));
  if (httpd_reads != null) expect(written(session)).toBe(httpd_reads);
  if (row?.expiry !== undefined) expect(session.expiry ?? 0n).toBe(BigInt(row.expiry));
  if (row?.value !== undefined) expect(row.value).toBe(vector.sealed);
  if (backend_header == null) return;
  const made = await afterBackend(vector);
  if (!made) return void inPart.push(`${vector.id}: without its backend_header, ${NO_KEY}`);
  const expiry = made.expiry ?? session.expiry;
  if (made.expiry === undefined && expiry) expect(plaintext).toBe(`expiry=${expiry}&${written(made)}`);
  else expect(written(made)).toBe(plaintext);
}

/** Each throws when a vector does not hold, and may say why it can't be run. */
const CHECKS: Readonly<Record<string, (vector: HttpdVector) => Promise<string | void>>> = {
  async good(vector) {
    await opens(vector);
    await sealsTheSame(vector);
    await saysTheSame(vector);
  },
  async bad(vector) {
    if (typeof findCipher(vector.cipher) === 'string')
      expect(() => envelopeOf(vector)).toThrow(SessionConfigError);
    else expect(await opened(vector)).toBeUndefined();
  },
  async 'odd-but-accepted'(vector) {
    await opens(vector);
    if (vector.httpd_reads != null)
      expect(written(parseSessionText(Buffer.from(vector.plaintext!, 'latin1')))).toBe(vector.httpd_reads);
  },
  async removal(vector) {
    const session = await afterBackend(vector);
    if (!session) return NO_KEY;
    expect(session.entries).toEqual([]);
    expect(written(session)).toBe(vector.plaintext ?? '');
  },
};

/** Why a vector can't be run, or `undefined`. */
function missing(vector: HttpdVector): string | undefined {
  const { kind, cipher, sealed, plaintext, backend_header } = vector;
  if (!(kind in CHECKS)) return `its kind "${kind}" is unknown`;
  if (!passphrasesOf(vector)?.length) return 'it has no passphrases in bytes';
  if (!cipher) return 'it names no cipher';
  if (kind === 'removal') return backend_header == null ? 'it has no backend_header' : undefined;
  if (sealed == null && vector.cookie_header == null) return 'it has no sealed value';
  if (kind !== 'bad' && plaintext == null) return 'it has no plaintext';
  return undefined;
}

describe('what httpd wrote', () => {
  it.each(vectors.map((vector) => [vector.id, vector.kind, vector] as const))('%s (%s)', async (id, kind, vector) => {
    const why = missing(vector) ?? (await CHECKS[kind]!(vector));
    if (why) leftOut.push(`${id}: ${why}`);
    else passed.push(id);
  });

  it.skipIf(process.env.APACHE_VECTORS)('is all here: 60 vectors, none left out', () => {
    expect([vectors.length, inPart, leftOut]).toEqual([60, [], []]);
  });

  afterAll(() => {
    console.log(`${passed.length} of ${vectors.length} vectors passed: ${vectorsFile}`);
    for (const why of inPart) console.log(`checked in part: ${why}`);
    for (const why of leftOut) console.log(`left out: ${why}`);
  });
});
