import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { NONCE_LENGTH, suiteByCipher, type Suite } from '../../crypto/suites.js';
import type { Awaitable } from '../../crypto/awaitable.js';
import type { CryptoDriver, KeyHandle } from '../../crypto/crypto-driver.interface.js';

/** Rows of our own table for what the driver claims; rejects where there is no such suite. */
export function suitesOf(driver: CryptoDriver): Suite[] {
  return driver.ciphers.map((cipher) => {
    const suite = suiteByCipher.get(cipher);
    assert.ok(suite, `there is no suite "${cipher}"`);
    return suite;
  });
}

/** For a fact about what every driver has. */
export const always = (): boolean => true;

/** Everything that one message needs. */
export interface Sample {
  readonly key: KeyHandle;
  readonly keyBytes: Buffer;
  readonly nonce: Buffer;
  readonly text: Buffer;
}

/** A random key, imported, with a random nonce and a random text. */
export async function sample(driver: CryptoDriver, suite: Suite, length: number): Promise<Sample> {
  const keyBytes = randomBytes(suite.keyLength);
  const key = await driver.importKey(Buffer.from(keyBytes), 'seal');
  return { key, keyBytes, nonce: randomBytes(NONCE_LENGTH), text: randomBytes(length) };
}

export const flipped = (bytes: Buffer, bit: number): Buffer => {
  const forged = Buffer.from(bytes);
  forged[bit >> 3]! ^= 1 << (bit & 7);
  return forged;
};

/** What `act` throws or rejects with. */
export async function failureOf(act: () => Awaitable<unknown>): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** `deepEqual` on two long buffers that differ would print both. */
export function assertBytes(actual: Uint8Array | undefined, expected: Uint8Array, message: string): void {
  assert.ok(actual && Buffer.from(actual).equals(expected), message);
}
