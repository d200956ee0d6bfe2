import { after, TAG_LENGTH, type Awaitable, type CryptoDriver, type Suite } from '../crypto/index.js';
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
  const sealed: Buffer[] = [];
  const next = (number: number): Awaitable<Buffer> => {
    const start = number * CHUNK;
    if (start > text.length) return Buffer.concat(sealed);
    const chunk = text.subarray(start, start + CHUNK);
    return after(driver.seal(suite, key, chunkNonce(nonce, number), chunk), (bytes) => {
      sealed.push(bytes);
      return next(number + 1);
    });
  };
  return next(0);
}

function openMany(
  driver: CryptoDriver,
  suite: Suite,
  { key, nonce }: MessageKey,
  sealed: Buffer,
): Awaitable<Buffer | undefined> {
  const opened: Buffer[] = [];
  const next = (number: number): Awaitable<Buffer | undefined> => {
    const start = number * SEALED_CHUNK;
    if (start >= sealed.length) return Buffer.concat(opened);
    const chunk = sealed.subarray(start, start + SEALED_CHUNK);
    return after(driver.open(suite, key, chunkNonce(nonce, number), chunk), (bytes) => {
      if (!bytes) return undefined;
      opened.push(bytes);
      return next(number + 1);
    });
  };
  return next(0);
}

/** Base nonce XOR the chunk's number as a big-endian integer of the nonce's width. */
function chunkNonce(base: Buffer, number: number): Buffer {
  const nonce = Buffer.from(base);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8);
  return nonce;
}
