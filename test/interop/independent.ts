/**
 * A second implementation of `docs/wire-format.md`, written from that page alone and never from `lib/`, so that the
 * two check each other.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  scryptSync,
  timingSafeEqual,
  type CipherGCM,
  type CipherGCMTypes,
  type DecipherGCM,
} from 'node:crypto';

export type Key = { readonly bytes: Uint8Array; readonly ring: string };

/** Items 1 to 6 of section 4; item 0 is the header and is known only once there is one. */
export type Context = {
  readonly purpose: string;
  readonly store: string;
  readonly name: string;
  readonly tenant: string;
  readonly audience: string;
  readonly rowKey: Uint8Array;
};

export type Frame = {
  readonly id: Uint8Array;
  readonly created: number;
  readonly issued: number;
  readonly deadline: number;
  readonly idle: number;
  readonly authenticated: number;
  readonly generation: number;
};

export type Payload = {
  readonly u?: string | number;
  readonly d?: Record<string, unknown>;
  readonly f?: Record<string, unknown>;
  readonly s?: string;
  readonly c?: number;
};

export type Pointer = { readonly token: Uint8Array; readonly movedAt: number; readonly subject: string };

type Suite = {
  readonly aead: string;
  readonly node: string;
  readonly use: string;
  readonly keyLength: number;
};

const SUITES: Readonly<Record<number, Suite>> = {
  0x11: { aead: 'AEAD_AES_256_GCM', node: 'aes-256-gcm', use: 'seal', keyLength: 32 },
  0x12: { aead: 'AEAD_CHACHA20_POLY1305', node: 'chacha20-poly1305', use: 'seal', keyLength: 32 },
  0x13: { aead: 'AEAD_AES_128_GCM', node: 'aes-128-gcm', use: 'seal-aes128', keyLength: 16 },
};

const REFERENCE = 0x81;
const HEADER = 5;
const EPOCH = 12;
const NONCE = 12;
const COMMITMENT = 32;
const TAG = 16;
const MAX_PLAINTEXT = 1_048_576 + 48;
const FRAME = 48;
const ZERO = Buffer.of(0);

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

function refuseUnless(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(`refused: ${why}`);
}

// Section 1

/** The input key of a passphrase. */
export function stretch(passphrase: string, ring: string, configuredSalt: string): Buffer {
  const salt = sha256(
    Buffer.concat([utf8('session-crypto/v1/pass'), ZERO, utf8(ring), ZERO, utf8(configuredSalt)]),
  );
  return scryptSync(utf8(passphrase), salt, 32, { N: 131072, r: 8, p: 1, maxmem: 256 * 1024 * 1024 });
}

/** RFC 5869 §2.3: T(i) = HMAC(PRK, T(i - 1) ‖ info ‖ i) */
function expand(prk: Uint8Array, info: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 1; blocks.length * 64 < length; i++) {
    const previous = blocks.at(-1) ?? Buffer.alloc(0);
    blocks.push(createHmac('sha512', prk).update(previous).update(info).update(Buffer.of(i)).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

export function subkey(key: Key, use: string, length: number): Buffer {
  return expand(key.bytes, Buffer.concat([utf8(`session-crypto/v1/${use}`), ZERO, utf8(key.ring)]), length);
}

export const hint = (key: Key): Buffer => subkey(key, 'kid', 4);

function keyFor(keys: readonly Key[], wanted: Uint8Array): Key {
  const key = keys.find((candidate) => hint(candidate).equals(wanted));
  refuseUnless(key !== undefined, 'no key has this hint');
  return key;
}

/** time(4) ‖ nonce(12) ‖ MAC(32) */
export function makeCsrf(key: Key, seed: string, time: number, nonce: Uint8Array): string {
  const moment = Buffer.alloc(4);
  moment.writeUInt32BE(time);
  const prefix = Buffer.concat([moment, nonce]);
  const mac = createHmac('sha256', subkey(key, 'csrf', 32))
    .update(prefix)
    .update(utf8(seed));
  return toText(Buffer.concat([prefix, mac.digest()]));
}

/** The time of a CSRF token that one of the keys has made for the seed and that still counts. */
export function readCsrf(
  keys: readonly Key[],
  text: string,
  seed: string,
  now: number,
  lifetime: number,
): number {
  const bytes = fromText(text);
  refuseUnless(bytes.length === 48, 'CSRF token: length');
  const time = bytes.readUInt32BE();
  const nonce = bytes.subarray(4, 16);
  const made = keys.map((key) => fromText(makeCsrf(key, seed, time, nonce)));
  refuseUnless(
    made.some((one) => sameBytes(one, bytes)),
    'CSRF token: MAC',
  );
  refuseUnless(time <= now + 60 && now < time + lifetime, 'CSRF token: time');
  return time;
}

// Section 3 and 4

export const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

export function fromText(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  refuseUnless(toText(bytes) === text, 'not the canonical spelling');
  return bytes;
}

/** type(1) ‖ length(2) ‖ value, seven times */
function encodeContext(header: Uint8Array, context: Context): Buffer {
  const texts = [context.purpose, context.store, context.name, context.tenant, context.audience];
  const values = [header, ...texts.map(utf8), context.rowKey];
  refuseUnless(
    values.every((value) => value.length <= 0xffff),
    'an item is too long for its two length bytes',
  );
  return Buffer.concat(
    values.flatMap((value, type) => [Buffer.of(type, value.length >> 8, value.length & 255), value]),
  );
}

function suiteOf(version: number): Suite {
  const suite = SUITES[version];
  refuseUnless(suite !== undefined, 'unknown version');
  return suite;
}

function epochKey(key: Key, suite: Suite, header: Uint8Array, epoch: Uint8Array) {
  const input = subkey(key, suite.use, suite.keyLength);
  const label = utf8(`nestjs-session-crypto/v2/${suite.aead}`);
  const block = expand(input, Buffer.concat([label, ZERO, header, epoch]), suite.keyLength + COMMITMENT);
  return { messageKey: block.subarray(0, suite.keyLength), commitment: block.subarray(suite.keyLength) };
}

/** version(1) ‖ key hint(4) ‖ epoch(12) ‖ nonce(12) ‖ commitment(32) ‖ ciphertext ‖ tag(16) */
export function sealEnvelope(
  key: Key,
  version: number,
  plaintext: Uint8Array,
  context: Context,
  epoch: Uint8Array = randomBytes(EPOCH),
  nonce: Uint8Array = randomBytes(NONCE),
): Buffer {
  const suite = suiteOf(version);
  refuseUnless(plaintext.length <= MAX_PLAINTEXT, 'too long');
  const header = Buffer.concat([Buffer.of(version), hint(key)]);
  const { messageKey, commitment } = epochKey(key, suite, header, epoch);
  const cipher = createCipheriv(suite.node as CipherGCMTypes, messageKey, nonce, {
    authTagLength: TAG,
  }) as CipherGCM;
  cipher.setAAD(encodeContext(header, context));
  const ciphertext = [cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat([header, epoch, nonce, commitment, ...ciphertext]);
}

export function openEnvelope(
  keys: readonly Key[],
  enabled: readonly number[],
  sealed: Uint8Array,
  context: Context,
): Buffer {
  const bytes = Buffer.from(sealed);
  const [nonceAt, commitmentAt] = [HEADER + EPOCH, HEADER + EPOCH + NONCE];
  const bodyAt = commitmentAt + COMMITMENT;
  const length = bytes.length - bodyAt - TAG;
  refuseUnless(length >= 0 && length <= MAX_PLAINTEXT, 'length');
  const version = bytes.readUInt8(0);
  const suite = suiteOf(version);
  refuseUnless(enabled.includes(version), 'suite not enabled');
  const header = bytes.subarray(0, HEADER);
  const key = keyFor(keys, header.subarray(1));
  const { messageKey, commitment } = epochKey(key, suite, header, bytes.subarray(HEADER, nonceAt));
  refuseUnless(sameBytes(commitment, bytes.subarray(commitmentAt, bodyAt)), 'commitment differs');
  const nonce = bytes.subarray(nonceAt, commitmentAt);
  const decipher = createDecipheriv(suite.node as CipherGCMTypes, messageKey, nonce, {
    authTagLength: TAG,
  }) as DecipherGCM;
  decipher.setAAD(encodeContext(header, context));
  decipher.setAuthTag(bytes.subarray(-TAG));
  return Buffer.concat([decipher.update(bytes.subarray(bodyAt, -TAG)), decipher.final()]);
}

// Section 5

export function encodeSession(frame: Frame, payload: Payload): Buffer {
  const head = Buffer.alloc(FRAME);
  head.writeUInt8(0x01, 0);
  head.set(frame.id, 2);
  const { created, issued, deadline, idle, authenticated, generation } = frame;
  const numbers = [created, issued, deadline, idle, authenticated, generation];
  numbers.forEach((value, i) => head.writeUInt32BE(value, 18 + 4 * i));
  return Buffer.concat([head, utf8(JSON.stringify(payload))]);
}

export function decodeSession(plaintext: Uint8Array): { frame: Frame; payload: Payload } {
  const bytes = Buffer.from(plaintext);
  refuseUnless(bytes.length >= FRAME, 'frame too short');
  refuseUnless(bytes.readUInt8(0) === 0x01, 'unknown frame format');
  refuseUnless((bytes.readUInt8(1) & 0b1111_1100) === 0, 'unknown flag');
  refuseUnless(bytes.readUInt16BE(46) === 0, 'padding');
  const frame = {
    id: bytes.subarray(2, 18),
    created: bytes.readUInt32BE(18),
    issued: bytes.readUInt32BE(22),
    deadline: bytes.readUInt32BE(26),
    idle: bytes.readUInt32BE(30),
    authenticated: bytes.readUInt32BE(34),
    generation: bytes.readUInt32BE(38), // a reader keeps other values than 0
  };
  return { frame, payload: decodePayload(bytes.subarray(FRAME)) };
}

/** Guess: broken UTF-8 is refused, unknown members are ignored, a member of the wrong type is refused. */
function decodePayload(bytes: Uint8Array): Payload {
  const payload: unknown = JSON.parse(
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
  );
  refuseUnless(isObject(payload), 'the payload is no object');
  refuseUnless(depthOf(payload) <= 34, 'nests too deep');
  const { u, d, f, s, c } = payload;
  refuseUnless(u === undefined || typeof u === 'string' || typeof u === 'number', 'u is no text');
  refuseUnless(d === undefined || isObject(d), 'd is no object');
  refuseUnless(f === undefined || isObject(f), 'f is no object');
  refuseUnless(s === undefined || typeof s === 'string', 's is no text');
  refuseUnless(c === undefined || typeof c === 'number', 'c is no moment');
  return { u: u === undefined ? u : String(u), d, f, s, c };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Guess: objects and arrays are the levels, the payload itself is the first, plain values add none. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  refuseUnless(!Object.hasOwn(value, '__proto__'), 'a key __proto__');
  const { constructor: inner } = value;
  refuseUnless(
    !Object.hasOwn(value, 'constructor') || !isObject(inner) || !Object.hasOwn(inner, 'prototype'),
    'a key constructor.prototype',
  );
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** Whether the session lives, `now` in seconds. */
export function isAlive({ created, issued, deadline, idle }: Frame, now: number): boolean {
  if (created > issued || issued > now + 60) return false;
  return (deadline === 0 || now < deadline) && (idle === 0 || now - issued < idle);
}

// Section 7

/** 0x81 ‖ key hint(4) ‖ token(32) ‖ MAC(16) */
export function makeReference(key: Key, token: Uint8Array, context: Context): Buffer {
  const header = Buffer.concat([Buffer.of(REFERENCE), hint(key)]);
  return Buffer.concat([header, token, referenceMac(key, header, token, context)]);
}

/** The token, once its tag is verified. */
export function readReference(keys: readonly Key[], text: string, context: Context): Buffer {
  refuseUnless(text.length === 71, 'not 71 characters');
  const bytes = fromText(text);
  refuseUnless(bytes.readUInt8(0) === REFERENCE, 'no reference token');
  const header = bytes.subarray(0, HEADER);
  const token = bytes.subarray(HEADER, HEADER + 32);
  const mac = referenceMac(keyFor(keys, header.subarray(1)), header, token, context);
  refuseUnless(sameBytes(mac, bytes.subarray(HEADER + 32)), 'tag differs');
  return token;
}

function referenceMac(key: Key, header: Uint8Array, token: Uint8Array, context: Context): Buffer {
  const mac = createHmac('sha256', subkey(key, 'ref', 32))
    .update(encodeContext(header, context))
    .update(token);
  return mac.digest().subarray(0, 16);
}

export const rowKeyOf = (token: Uint8Array): Buffer => sha256(token);

// Section 8

/** token(32) ‖ moved at(4) ‖ subject */
export function encodePointer({ token, movedAt, subject }: Pointer): Buffer {
  const moment = Buffer.alloc(4);
  moment.writeUInt32BE(movedAt);
  return Buffer.concat([token, moment, utf8(subject)]);
}

export function decodePointer(plaintext: Uint8Array): Pointer {
  const bytes = Buffer.from(plaintext);
  refuseUnless(bytes.length >= 36, 'pointer too short');
  return {
    token: bytes.subarray(0, 32),
    movedAt: bytes.readUInt32BE(32),
    subject: bytes.toString('utf8', 36),
  };
}
