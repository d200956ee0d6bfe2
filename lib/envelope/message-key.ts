import { andThen, finallyDo, type Awaitable } from '../crypto/awaitable.js';
import { COMMITMENT_LENGTH, NONCE_LENGTH, type Suite } from '../crypto/suites.js';
import type { CryptoDriver, KeyHandle } from '../crypto/crypto-driver.interface.js';

/** Bytes of the random salt that each envelope brings. */
export const SALT_LENGTH = 24;

/** The values that one message is sealed with. Only the key is secret, and the driver keeps it. */
export interface MessageKey {
  readonly key: KeyHandle;
  /** Base nonce, 12 bytes; chunk numbers are XORed into it. */
  readonly nonce: Buffer;
  /** Key commitment, 32 bytes. The envelope carries it, so that an envelope fits one key and one context only. */
  readonly commitment: Buffer;
}

/** Derives the values for one message (c2sp.org/chunked-encryption, Key derivation):
 *
 *      key(32 or 16) ‖ nonce(12) ‖ commitment(32) = HKDF-Expand-SHA-512(input key, info)
 *      info = "c2sp.org/chunked-encryption@v1+" ‖ AEAD name ‖ 0 ‖ salt(24) ‖ context
 *
 *  The salt is random, so no two messages share key and nonce. The context enters the derivation and not the AEAD's
 *  additional data: a value in the wrong place then fails at the commitment, before its tag is computed. */
export function deriveMessageKey(
  driver: CryptoDriver,
  suite: Suite,
  inputKey: KeyHandle,
  salt: Uint8Array,
  context: Uint8Array,
): Awaitable<MessageKey> {
  const info = Buffer.concat([labels.get(suite.version) ?? addLabel(suite), salt, context]);
  const length = suite.keyLength + NONCE_LENGTH + COMMITMENT_LENGTH;
  return andThen(driver.expand(inputKey, info, length), (block) => splitBlock(driver, suite, block));
}

/** Cuts the derived block into key, nonce and commitment, and wipes the block. An asynchronous driver may still read the
 *  key after this call returns, so the block is wiped only when the import has settled. */
function splitBlock(driver: CryptoDriver, suite: Suite, block: Buffer): Awaitable<MessageKey> {
  const nonce = Buffer.from(block.subarray(suite.keyLength, suite.keyLength + NONCE_LENGTH));
  const commitment = Buffer.from(block.subarray(suite.keyLength + NONCE_LENGTH));
  const handle = finallyDo(
    () => driver.importKey(block.subarray(0, suite.keyLength), 'seal'),
    () => block.fill(0),
  );
  return andThen(handle, (key) => ({ key, nonce, commitment }));
}

/** Derivation labels by version, encoded once. */
const labels = new Map<number, Buffer>();

function addLabel(suite: Suite): Buffer {
  const bytes = Buffer.from(`c2sp.org/chunked-encryption@v1+${suite.aead}\0`);
  labels.set(suite.version, bytes);
  return bytes;
}
