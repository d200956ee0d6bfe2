import { TAG_LENGTH, type Suite } from '../crypto/suites.js';
import type { Awaitable } from '../crypto/awaitable.js';
import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { MessageKey } from './message-key.js';

const CHUNK = 16_384;
const SEALED_CHUNK = CHUNK + TAG_LENGTH;

/** Chunks of 16 KiB, each sealed with the base nonce XOR its number; the last is shorter and may be empty.
 *  c2sp.org/chunked-encryption, Message chunking */
export function sealChunks(
  driver: CryptoDriver,
  suite: Suite,
  key: MessageKey,
  text: Buffer,
): Awaitable<Buffer> {
  if (text.length < CHUNK) return driver.seal(suite, key.key, key.nonce, text);
  return sealMany(driver, suite, key, text);
}

/** The plaintext of all chunks, or `undefined` when one is forged, missing, added or moved. */
export function openChunks(
  driver: CryptoDriver,
  suite: Suite,
  key: MessageKey,
  sealed: Buffer,
): Awaitable<Buffer | undefined> {
  if (sealed.length % SEALED_CHUNK < TAG_LENGTH) return undefined;
  if (sealed.length < SEALED_CHUNK) return driver.open(suite, key.key, key.nonce, sealed);
  return openMany(driver, suite, key, sealed);
}

function sealMany(
  driver: CryptoDriver,
  suite: Suite,
  { key, nonce }: MessageKey,
  text: Buffer,
): Awaitable<Buffer> {
  const seal = (number: number) =>
    driver.seal(suite, key, chunkNonce(nonce, number), text.subarray(number * CHUNK, (number + 1) * CHUNK));
  return collect(Math.floor(text.length / CHUNK) + 1, seal) as Awaitable<Buffer>;
}

function openMany(
  driver: CryptoDriver,
  suite: Suite,
  { key, nonce }: MessageKey,
  sealed: Buffer,
): Awaitable<Buffer | undefined> {
  const open = (number: number) =>
    driver.open(
      suite,
      key,
      chunkNonce(nonce, number),
      sealed.subarray(number * SEALED_CHUNK, (number + 1) * SEALED_CHUNK),
    );
  return collect(Math.ceil(sealed.length / SEALED_CHUNK), open);
}

/** All parts in their order, one after the other; `undefined` as soon as one is. Plain answers take no turn and no stack. */
function collect(
  count: number,
  make: (number: number) => Awaitable<Buffer | undefined>,
  parts: Buffer[] = [],
): Awaitable<Buffer | undefined> {
  while (parts.length < count) {
    const part = make(parts.length);
    if (part instanceof Promise)
      return part.then((bytes) => (bytes ? (parts.push(bytes), collect(count, make, parts)) : undefined));
    if (!part) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Base nonce XOR the chunk's number as a big-endian integer of the nonce's width. */
function chunkNonce(base: Buffer, number: number): Buffer {
  const nonce = Buffer.from(base);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8);
  return nonce;
}
