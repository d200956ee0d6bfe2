import { andThen, finallyDo, type Awaitable } from '../crypto/awaitable.js';
import { COMMITMENT_LENGTH, NONCE_LENGTH, type Suite } from '../crypto/suites.js';
import type { CryptoDriver, KeyHandle } from '../crypto/crypto-driver.interface.js';

export const SALT_LENGTH = 24;

/** What one message is sealed with. The key is the driver's handle; nonce and commitment are not secret. */
export interface MessageKey {
  readonly key: KeyHandle;
  readonly nonce: Buffer;
  readonly commitment: Buffer;
}

/** key ‖ nonce(12) ‖ commitment(32) = HKDF-Expand-SHA-512(input key,
 *  "c2sp.org/chunked-encryption@v1+" ‖ aead ‖ 0 ‖ salt(24) ‖ context)          c2sp.org/chunked-encryption, Key derivation */
export function deriveMessageKey(
  driver: CryptoDriver,
  suite: Suite,
  inputKey: KeyHandle,
  salt: Uint8Array,
  context: Uint8Array,
): Awaitable<MessageKey> {
  const info = Buffer.concat([labels.get(suite.version) ?? label(suite), salt, context]);
  const length = suite.keyLength + NONCE_LENGTH + COMMITMENT_LENGTH;
  return andThen(driver.expand(inputKey, info, length), (block) => cut(driver, suite, block));
}

/** The block is wiped only once its key has been imported, which an asynchronous driver does later. */
function cut(driver: CryptoDriver, suite: Suite, block: Buffer): Awaitable<MessageKey> {
  const nonce = Buffer.from(block.subarray(suite.keyLength, suite.keyLength + NONCE_LENGTH));
  const commitment = Buffer.from(block.subarray(suite.keyLength + NONCE_LENGTH));
  const handle = finallyDo(
    () => driver.importKey(block.subarray(0, suite.keyLength), 'seal'),
    () => block.fill(0),
  );
  return andThen(handle, (key) => ({ key, nonce, commitment }));
}

const labels = new Map<number, Buffer>();

function label(suite: Suite): Buffer {
  const bytes = Buffer.from(`c2sp.org/chunked-encryption@v1+${suite.aead}\0`);
  labels.set(suite.version, bytes);
  return bytes;
}
