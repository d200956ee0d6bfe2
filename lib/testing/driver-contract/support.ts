import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { NONCE_LENGTH, suiteByCipher, type Suite } from '../../crypto/suites.js';
import type { Awaitable } from '../../crypto/awaitable.js';
import type { CryptoDriver, KeyHandle } from '../../crypto/crypto-driver.interface.js';

/** Returns the suites that a driver claims. Throws an AssertionError if it claims one that does not exist. */
export function suitesOf(driver: CryptoDriver): Suite[] {
  return driver.ciphers.map((cipher) => {
    const suite = suiteByCipher.get(cipher);
    assert.ok(suite, `there is no suite "${cipher}"`);
    return suite;
  });
}

/** `applies` of a fact about members that every driver has. */
export const always = (): boolean => true;

/** A key, a nonce and a text for one message. */
export interface Sample {
  readonly key: KeyHandle;
  readonly keyBytes: Buffer;
  readonly nonce: Buffer;
  readonly text: Buffer;
  /** Additional data. */
  readonly data: Buffer;
}

/** Bytes of the additional data of a sample: those of a session in a row. */
const DATA_LENGTH = 100;

/** Returns a random key, which is imported, a random nonce, a random text of `length` bytes, and random additional data. */
export async function sample(driver: CryptoDriver, suite: Suite, length: number): Promise<Sample> {
  const keyBytes = randomBytes(suite.keyLength);
  const key = await driver.importKey(Buffer.from(keyBytes), 'seal');
  return {
    key,
    keyBytes,
    nonce: randomBytes(NONCE_LENGTH),
    text: randomBytes(length),
    data: randomBytes(DATA_LENGTH),
  };
}

/** Returns a copy of `bytes` with one bit flipped. */
export const flipped = (bytes: Buffer, bit: number): Buffer => {
  const forged = Buffer.from(bytes);
  forged[bit >> 3]! ^= 1 << (bit & 7);
  return forged;
};

/** Returns the error that `act` throws or rejects with, or `undefined` if it succeeds. */
export async function failureOf(act: () => Awaitable<unknown>): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Fails if the bytes differ. It prints neither of them, as `deepEqual` would: they are long, and may be a key. */
export function assertBytes(actual: Uint8Array | undefined, expected: Uint8Array, message: string): void {
  assert.ok(actual && Buffer.from(actual).equals(expected), message);
}
