import type { Awaitable } from '../crypto/awaitable.js';
import type { OptionReader } from '../options/option-reader.js';
import { loadPeer } from '../peers/load-peer.js';
import { ForeignFormat, type TextOpener } from './foreign.format.js';
import type { SecureSessionMigration, Secret } from './options.interface.js';
import { bytesOf, readOptions, resolveMigration, resolveSecrets } from './resolve-options.js';
import { decodeValue, isReason, parseData, without } from './text.js';

/** The part of sodium-native that is used here. */
interface Sodium {
  readonly crypto_pwhash_OPSLIMIT_MODERATE: number;
  readonly crypto_pwhash_MEMLIMIT_MODERATE: number;
  readonly crypto_pwhash_ALG_DEFAULT: number;
  crypto_secretbox_open_easy(out: Buffer, box: Buffer, nonce: Buffer, key: Buffer): boolean;
  // prettier-ignore
  crypto_pwhash_async(
    out: Buffer, secret: Buffer, salt: Buffer, opslimit: number, memlimit: number, algorithm: number,
  ): Promise<void>;
}

const KEY_LENGTH = 32;
const NONCE_LENGTH = 24;
const MAC_LENGTH = 16;
const SALT_LENGTH = 16;
/** The base64 of MAC and nonce. */
const SHORTEST = 50;
/** What @fastify/secure-session takes where it is given no salt. */
const DEFAULT_SALT = Buffer.from('mq9hDxBVDbspDR6nLfFT1g==', 'base64');
const DEFAULT_EXPIRY = 86_401;
const MAX_EXPIRY = 2_000_000_000;

/** Returns the sessions of @fastify/secure-session, for `crypto.accept`: base64 of a secretbox of libsodium, a semicolon, and
 *  base64 of its nonce. Needs the package sodium-native, which @fastify/secure-session itself uses. The start reports wrong
 *  options. */
export function fromSecureSession(options: SecureSessionMigration): ForeignFormat {
  const [resolved, faults] = readOptions(options, (reader) => ({
    ...resolveMigration(reader, 'session'),
    keys: resolveKeys(reader),
    expiry: reader.integer('expiry', DEFAULT_EXPIRY, 'seconds', [1, MAX_EXPIRY]),
  }));
  const { keys, expiry, ...migration } = resolved;
  return new ForeignFormat({
    ...migration,
    name: 'secure-session',
    faults,
    secrets: { option: 'key', shortest: KEY_LENGTH },
    weakness:
      'a sealed value is bound to no cookie and no site, so whatever else the key has sealed opens as a session',
    equalParameters: [expiry],
    shortest: SHORTEST,
    async start(path) {
      const { default: sodium } = await loadPeer<{ default: Sodium }>('sodium-native', path);
      return opener(sodium, await keys(sodium), expiry);
    },
  });
}

type Keys = (sodium: Sodium) => Awaitable<readonly Buffer[]>;

/** As in @fastify/secure-session, a `key` counts more than a `secret`. */
function resolveKeys(reader: OptionReader): Keys {
  const [secret, salt] = [reader.take('secret'), reader.take('salt')];
  if (reader.take('key') !== undefined || secret === undefined) {
    const keys = resolveSecrets(reader, 'key', keyOf);
    return () => keys;
  }
  const [passphrase = Buffer.alloc(0)] = resolveSecrets(reader, 'secret', secretOf);
  const [bytes = DEFAULT_SALT] = salt === undefined ? [] : resolveSecrets(reader, 'salt', saltOf);
  return (sodium) => stretch(sodium, passphrase, bytes);
}

function keyOf(secret: Secret): Buffer | string {
  const key = typeof secret === 'string' ? Buffer.from(secret, 'base64') : bytesOf(secret);
  return key.length === KEY_LENGTH
    ? key
    : `has ${key.length} bytes; a key of @fastify/secure-session has ${KEY_LENGTH}`;
}

const secretOf = (secret: Secret): Buffer | string =>
  bytesOf(secret).length < KEY_LENGTH
    ? `has ${bytesOf(secret).length} bytes; @fastify/secure-session needs at least ${KEY_LENGTH}`
    : bytesOf(secret);

function saltOf(salt: Secret): Buffer | string {
  const bytes = typeof salt === 'string' ? Buffer.from(salt, 'ascii') : bytesOf(salt);
  return bytes.length === SALT_LENGTH ? bytes : `has ${bytes.length} bytes; a salt has ${SALT_LENGTH}`;
}

async function stretch(sodium: Sodium, secret: Buffer, salt: Buffer): Promise<Buffer[]> {
  const key = Buffer.allocUnsafeSlow(KEY_LENGTH);
  await sodium.crypto_pwhash_async(
    key,
    secret,
    salt,
    sodium.crypto_pwhash_OPSLIMIT_MODERATE,
    sodium.crypto_pwhash_MEMLIMIT_MODERATE,
    sodium.crypto_pwhash_ALG_DEFAULT,
  );
  return [key];
}

function opener(sodium: Sodium, keys: readonly Buffer[], expiry: number): TextOpener {
  return (text, parts) => {
    // A signed cookie ends with a dot and a signature, which proves no more than the box does.
    const [box, nonce, ...others] = (decodeValue(text)?.split('.', 1)[0] ?? '')
      .split(';', 3)
      .map((one) => Buffer.from(one, 'base64'));
    if (!box || !nonce || others.length) return 'encoding';
    if (box.length < MAC_LENGTH || nonce.length !== NONCE_LENGTH) return 'length';
    const json = unbox(sodium, keys, box, nonce);
    if (json === undefined) return 'tag';
    const data = parseData(json, parts);
    if (isReason(data)) return data;
    const madeAt = data['__ts'];
    if (typeof madeAt !== 'number') return 'payload';
    const expiresAt = Math.floor(madeAt + expiry);
    if (expiresAt <= parts.now()) return 'expired';
    return { origin: Buffer.concat([nonce, box]).toString('base64'), expiresAt, data: without(data, '__ts') };
  };
}

function unbox(sodium: Sodium, keys: readonly Buffer[], box: Buffer, nonce: Buffer): string | undefined {
  const out = Buffer.allocUnsafeSlow(box.length - MAC_LENGTH);
  if (!out.length) return undefined; // a session is at least {}
  return keys.some((key) => sodium.crypto_secretbox_open_easy(out, box, nonce, key))
    ? out.toString()
    : undefined;
}
