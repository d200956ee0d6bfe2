import { andThen, finallyDo, type Awaitable } from '../crypto/awaitable.js';
import { COMMITMENT_LENGTH, type Suite } from '../crypto/suites.js';
import type { CryptoDriver, KeyHandle } from '../crypto/crypto-driver.interface.js';
import { HEADER_LENGTH } from './envelope-context.js';

/** Random bytes that name an epoch. */
export const EPOCH_LENGTH = 12;
/** Bytes of the prefix, header ‖ epoch: all that a derivation needs from an envelope. */
export const PREFIX_LENGTH = HEADER_LENGTH + EPOCH_LENGTH;

/** The values that all messages of one epoch share. Only the key is secret, and the driver keeps it. */
export interface EpochKey {
  readonly key: KeyHandle;
  /** Key commitment, 32 bytes. The envelope carries it, so that an envelope fits one key only. */
  readonly commitment: Buffer;
}

/** Derives the values of one epoch:
 *
 *      key(32 or 16) ‖ commitment(32) = HKDF-Expand-SHA-512(input key, info)
 *      info = "nestjs-session-crypto/v2/" ‖ AEAD name ‖ 0 ‖ header(5) ‖ epoch(12)
 *
 *  The result has at most 64 bytes, which is one HMAC. An epoch is random, so no two processes share a key. Finding two keys
 *  of rings with one commitment takes about 2^128 steps. */
export function deriveEpochKey(
  driver: CryptoDriver,
  suite: Suite,
  inputKey: KeyHandle,
  prefix: Uint8Array,
): Awaitable<EpochKey> {
  const info = Buffer.concat([labels.get(suite.version) ?? addLabel(suite), prefix]);
  const length = suite.keyLength + COMMITMENT_LENGTH;
  return andThen(driver.expand(inputKey, info, length), (block) => splitBlock(driver, suite, block));
}

/** Cuts the derived block into key and commitment, and wipes the block. An asynchronous driver may still read the key after
 *  this call returns, so the block is wiped only when the import has settled. */
function splitBlock(driver: CryptoDriver, suite: Suite, block: Buffer): Awaitable<EpochKey> {
  const commitment = Buffer.from(block.subarray(suite.keyLength));
  const handle = finallyDo(
    () => driver.importKey(block.subarray(0, suite.keyLength), 'seal'),
    () => block.fill(0),
  );
  return andThen(handle, (key) => ({ key, commitment }));
}

/** Derivation labels by version, encoded once. */
const labels = new Map<number, Buffer>();

function addLabel(suite: Suite): Buffer {
  const bytes = Buffer.from(`nestjs-session-crypto/v2/${suite.aead}\0`);
  labels.set(suite.version, bytes);
  return bytes;
}
