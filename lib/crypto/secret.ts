import { mistakeIn } from './mistaken-secret.js';

/** One secret that has been read, before any key is derived from it. The reader owns `bytes` and wipes them when the ring
 *  has been made. */
export interface Secret {
  /** `raw` is exactly 32 key bytes. `passphrase` is a text that scrypt stretches. `token` is a driver's reference to a key
   *  that lives in a token; the reference itself is not secret. */
  readonly kind: 'raw' | 'passphrase' | 'token';
  readonly bytes: Buffer;
  /** Path of the option that holds a `token` reference, for messages. */
  readonly path?: string;
  /** `retiring`: the key opens, and everything that it opens is stale. `revoked`: the key opens nothing. Absent: its place
   *  in the ring decides. */
  readonly state?: 'retiring' | 'revoked';
}

/** Bytes of a raw key. */
export const RAW_KEY_LENGTH = 32;
/** Bytes of the shortest passphrase that the native format accepts. */
export const MIN_PASSPHRASE_LENGTH = 16;

/** A sentence about what is wrong with a secret, for a message after the option's path. It never quotes the secret. */
export type SecretFault = string;

/** The rules of one format for its secrets. Each function returns a copy of the bytes, or the fault. */
export interface SecretRule {
  /** Reads a text: an option, a line of a file, the output of a program, the result of a callback. */
  readonly text: (text: Uint8Array) => Secret | SecretFault;
  /** Reads bytes that were given as a Uint8Array. */
  readonly bytes: (bytes: Uint8Array) => Secret | SecretFault;
  /** Reads the value of `{ passphrase }`. */
  readonly passphrase: (text: Uint8Array) => Secret | SecretFault;
  /** Present if `{ key }` may name a key inside a token. */
  readonly tokens?: true;
  /** Returns the working directory and the environment of a program. Absent: those of this process. */
  readonly surroundings?: (program: string) => { readonly cwd: string; readonly env: Record<string, string> };
  /** Lists the allowed entries, for messages. */
  readonly allowed: string;
}

/** Reads a text of the native format: `raw:` + base64url of 32 bytes, `hex:` + 64 digits, or otherwise a passphrase. Texts
 *  that would silently become passphrases which others know are {@link mistakeIn refused}: the name of a file, a program, a
 *  variable or a key in a token. So is a key in quotes, as some .env readers leave it. */
export function readSecret(text: Uint8Array): Secret | SecretFault {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  if (endsWithLineBreak(bytes)) return LINE_BREAK;
  if (startsWith(bytes, 'raw:')) return decodeRaw(bytes.subarray(4), 'base64url', /^[A-Za-z0-9_-]{43}=?$/);
  if (startsWith(bytes, 'hex:')) return decodeRaw(bytes.subarray(4), 'hex', /^[0-9a-fA-F]{64}$/);
  return mistakeIn(bytes) ?? readPassphrase(bytes);
}

const LINE_BREAK =
  'ends with a line break, as a text read from a file does; write { file: "name" }, or trim() the text, or { passphrase } if the line break belongs to it';

/** A passphrase with the line break of its file seals sessions that no other server opens. */
const endsWithLineBreak = (bytes: Buffer): boolean => bytes.at(-1) === 0x0a || bytes.at(-1) === 0x0d;

/** Copies the bytes of a passphrase, if there are at least {@link MIN_PASSPHRASE_LENGTH}. */
export function readPassphrase(text: Uint8Array): Secret | SecretFault {
  if (!text.length)
    return 'is empty; is the environment variable set? npx nestjs-session-crypto secret makes a secret';
  if (text.length < MIN_PASSPHRASE_LENGTH)
    return `is a passphrase of ${text.length} bytes; at least ${MIN_PASSPHRASE_LENGTH} are needed (npx nestjs-session-crypto secret makes one)`;
  return { kind: 'passphrase', bytes: ownCopy(text) };
}

/** Copies 32 raw bytes. Refuses 32 equal bytes: they are a buffer that nobody filled. */
export function readRaw(bytes: Uint8Array): Secret | SecretFault {
  if (bytes.length !== RAW_KEY_LENGTH)
    return `is a key of ${bytes.length} bytes; exactly ${RAW_KEY_LENGTH} are needed`;
  if (bytes.every((byte) => byte === bytes[0]))
    return 'is 32 times one byte; npx nestjs-session-crypto secret makes a secret';
  return { kind: 'raw', bytes: ownCopy(bytes) };
}

/** Decodes 32 bytes. The pattern comes first, since Node's decoder would skip what it does not understand. */
function decodeRaw(text: Buffer, encoding: 'base64url' | 'hex', pattern: RegExp): Secret | SecretFault {
  const written = text.toString('latin1');
  if (!pattern.test(written))
    return `is not 32 bytes in ${encoding}; npx nestjs-session-crypto secret makes one`;
  const bytes = Buffer.allocUnsafeSlow(RAW_KEY_LENGTH);
  bytes.write(written, encoding);
  return { kind: 'raw', bytes };
}

function startsWith(bytes: Buffer, prefix: string): boolean {
  return bytes.length >= prefix.length && bytes.toString('latin1', 0, prefix.length) === prefix;
}

/** Returns a copy outside Node's shared pool of small buffers. Code that holds another buffer of that pool could read it. */
export function ownCopy(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

/** Returns the UTF-8 bytes of a text in a buffer of their own, which can be wiped. The text itself cannot. */
export function secretBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** Wipes the bytes of secrets that nobody reads any more. */
export function wipeSecrets(secrets: readonly Secret[]): void {
  for (const { bytes } of secrets) bytes.fill(0);
}

/** The rules of the native format. */
export const NATIVE_SECRETS: SecretRule = {
  text: readSecret,
  bytes: readRaw,
  passphrase: readPassphrase,
  tokens: true,
  allowed:
    `allowed are a passphrase of at least ${MIN_PASSPHRASE_LENGTH} bytes, "raw:" or "hex:" with 32 bytes, a Buffer of 32 bytes, ` +
    '{ passphrase }, { exec: [program, …] }, "exec:program …", { file }, "file:name", { key } with a driver that keeps keys in a token, or a function',
};
