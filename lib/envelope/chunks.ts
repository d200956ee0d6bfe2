// The body of an envelope: plaintext and ciphertext in chunks (c2sp.org/chunked-encryption, Message chunking).

import { TAG_LENGTH, type Suite } from '../crypto/suites.js';
import type { Awaitable } from '../crypto/awaitable.js';
import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { MessageKey } from './message-key.js';

/** Plaintext bytes of a chunk. */
const CHUNK = 16_384;
const SEALED_CHUNK = CHUNK + TAG_LENGTH;

/** Seals `text` in chunks of 16 KiB under one message key:
 *
 *      ciphertext 0 (16384) ‖ tag (16) ‖ ciphertext 1 (16384) ‖ tag (16) ‖ … ‖ last ciphertext (0 to 16383) ‖ tag (16)
 *
 *  Each chunk has the base nonce XOR its number, so that chunks cannot change places. The last chunk is always shorter
 *  than the others and may be empty, so that a missing end shows. Returns the sealed chunks; rejects with whatever the
 *  driver rejects with. */
export function sealChunks(
  driver: CryptoDriver,
  suite: Suite,
  key: MessageKey,
  text: Buffer,
): Awaitable<Buffer> {
  if (text.length < CHUNK) return driver.seal(suite, key.key, key.nonce, text);
  return sealMany(driver, suite, key, text);
}

/** Opens what {@link sealChunks} returned. Returns the plaintext, or `undefined` if a chunk is forged, missing, added or
 *  moved. No part of the plaintext leaves this function before all tags have been checked.
 *
 *  The length is checked first: the last chunk needs room for its tag, and it must not be a full chunk. */
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
  return concatInOrder(Math.floor(text.length / CHUNK) + 1, seal) as Awaitable<Buffer>;
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
  return concatInOrder(Math.ceil(sealed.length / SEALED_CHUNK), open);
}

/** Makes the parts one after the other and joins them; returns `undefined` as soon as one part is `undefined`.
 *
 *  Results that are not promises are collected in a loop, so that a synchronous driver finishes on the same tick and the
 *  stack does not grow with the number of parts. */
function concatInOrder(
  count: number,
  make: (number: number) => Awaitable<Buffer | undefined>,
  parts: Buffer[] = [],
): Awaitable<Buffer | undefined> {
  while (parts.length < count) {
    const part = make(parts.length);
    if (part instanceof Promise)
      return part.then((bytes) =>
        bytes ? (parts.push(bytes), concatInOrder(count, make, parts)) : undefined,
      );
    if (!part) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Returns the base nonce XOR the chunk's number, taken as a big-endian integer of 12 bytes. Only the last 4 bytes can
 *  differ: a body has far fewer than 2^32 chunks. */
function chunkNonce(base: Buffer, number: number): Buffer {
  const nonce = Buffer.from(base);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ number) >>> 0, 8);
  return nonce;
}
