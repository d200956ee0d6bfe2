/** One secret, read and not yet derived. `bytes` belong to the reader and are wiped once the ring is made. */
export interface Secret {
  /** `raw`: exactly 32 key bytes; `passphrase`: text that scrypt stretches; `token`: a driver's name for a key that
   *  lives in a token, and no secret itself. */
  readonly kind: 'raw' | 'passphrase' | 'token';
  readonly bytes: Buffer;
  /** Option that a `token` stands at, for messages. */
  readonly path?: string;
  /** `retiring`: opens, and marks what it opened as stale; `revoked`: opens nothing. Absent: as its place says. */
  readonly state?: 'retiring' | 'revoked';
}

export const RAW_KEY_LENGTH = 32;
export const MIN_PASSPHRASE_LENGTH = 16;

/** Says what is wrong with a secret, never what it is; `undefined` when it will do. */
export type SecretFault = string;

/** How one format takes its secrets. Each reader gives a copy of the bytes, or says what is wrong with them. */
export interface SecretRule {
  /** A text: an option, a line of a file, what a program printed, what a callback gave. */
  readonly text: (text: Uint8Array) => Secret | SecretFault;
  /** Bytes that were given as bytes. */
  readonly bytes: (bytes: Uint8Array) => Secret | SecretFault;
  /** What `{ passphrase }` holds. */
  readonly passphrase: (text: Uint8Array) => Secret | SecretFault;
  /** Whether `{ key }` may name a key inside a token. */
  readonly tokens?: true;
  /** What may stand in the options, for messages. */
  readonly allowed: string;
}

/** Reads one written secret: `raw:` base64url of 32 bytes, `hex:` 64 digits, any other text a passphrase. */
export function readSecret(text: Uint8Array): Secret | SecretFault {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  if (startsWith(bytes, 'raw:')) return decoded(bytes.subarray(4), 'base64url', /^[A-Za-z0-9_-]{43}=?$/);
  if (startsWith(bytes, 'hex:')) return decoded(bytes.subarray(4), 'hex', /^[0-9a-fA-F]{64}$/);
  if (/^["'](?:raw|hex):/.test(bytes.toString('latin1', 0, 5)))
    return 'begins with a quote; take the quotes away';
  if (/^(?:key:|label=|id=[0-9a-f]+$)/i.test(bytes.toString('latin1')))
    return 'looks like the name of a key in a token, which is no secret: { key: "label=…" }; a passphrase that begins so is { passphrase }';
  return readPassphrase(bytes);
}

/** A copy of a passphrase's bytes, when it is long enough. */
export function readPassphrase(text: Uint8Array): Secret | SecretFault {
  if (!text.length)
    return 'is empty; is the environment variable set? npx nestjs-session-crypto secret makes a secret';
  if (text.length < MIN_PASSPHRASE_LENGTH)
    return `is a passphrase of ${text.length} bytes; at least ${MIN_PASSPHRASE_LENGTH} are needed (npx nestjs-session-crypto secret makes one)`;
  return { kind: 'passphrase', bytes: ownCopy(text) };
}

/** A copy of 32 raw bytes. */
export function readRaw(bytes: Uint8Array): Secret | SecretFault {
  if (bytes.length !== RAW_KEY_LENGTH)
    return `is a key of ${bytes.length} bytes; exactly ${RAW_KEY_LENGTH} are needed`;
  if (bytes.every((byte) => byte === bytes[0]))
    return 'is 32 times one byte; npx nestjs-session-crypto secret makes a secret';
  return { kind: 'raw', bytes: ownCopy(bytes) };
}

function decoded(text: Buffer, encoding: 'base64url' | 'hex', form: RegExp): Secret | SecretFault {
  const written = text.toString('latin1');
  if (!form.test(written))
    return `is not 32 bytes in ${encoding}; npx nestjs-session-crypto secret makes one`;
  const bytes = Buffer.allocUnsafeSlow(RAW_KEY_LENGTH);
  bytes.write(written, encoding);
  return { kind: 'raw', bytes };
}

function startsWith(bytes: Buffer, prefix: string): boolean {
  return bytes.length >= prefix.length && bytes.toString('latin1', 0, prefix.length) === prefix;
}

/** A copy, never in Node's shared pool, whose neighbours other buffers can see. */
export function ownCopy(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

/** UTF-8 bytes of a text, in a buffer of their own that can be wiped. */
export function secretBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** The native format's rule. */
export const NATIVE_SECRETS: SecretRule = {
  text: readSecret,
  bytes: readRaw,
  passphrase: readPassphrase,
  tokens: true,
  allowed:
    `allowed are a passphrase of at least ${MIN_PASSPHRASE_LENGTH} bytes, "raw:" or "hex:" with 32 bytes, a Buffer of 32 bytes, ` +
    '{ passphrase }, { exec: [program, …] }, "exec:program …", { file }, "file:name", { key } with a driver that keeps keys, or a function',
};
