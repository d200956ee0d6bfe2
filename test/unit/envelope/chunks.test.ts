import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { suiteByCipher, type Suite } from '../../../lib/crypto/suites.js';
import { readRaw } from '../../../lib/crypto/secret.js';
import { openChunks, sealChunks } from '../../../lib/envelope/chunks.js';
import { deriveMessageKey, type MessageKey } from '../../../lib/envelope/message-key.js';
import { bytesOf, wycheproof, type Vector } from '../../vectors/wycheproof.js';

const driver = new OpensslDriver();
const aes256 = suiteByCipher.get('aes256')!;
const CHUNK = 16_384;

const keyOf = (suite: Suite, key: Buffer, salt: Buffer, context: Buffer) =>
  deriveMessageKey(driver, suite, driver.importKey(key), salt, context) as MessageKey;

/** salt(24) ‖ commitment(32) ‖ chunks, opened in the order of Envelope.open. */
function openVector(suite: Suite, vector: Vector): Buffer | undefined {
  const sealed = inflateSync(bytesOf(vector, 'ct'));
  if (sealed.length < 56) return undefined;
  const key = keyOf(suite, bytesOf(vector, 'key'), sealed.subarray(0, 24), bytesOf(vector, 'ctx'));
  if (!key.commitment.equals(sealed.subarray(24, 56))) return undefined;
  return openChunks(driver, suite, key, sealed.subarray(56)) as Buffer | undefined;
}

describe.each([
  { cipher: 'aes256', file: 'c2sp_chunked_encryption_aes_256_gcm' },
  { cipher: 'aes128', file: 'c2sp_chunked_encryption_aes_128_gcm' },
])('Chunks of $cipher', ({ cipher, file }) => {
  const suite = suiteByCipher.get(cipher)!;
  const vectors = wycheproof(file).flatMap((group) => group.tests);
  const wrongSize = (vector: Vector) => vector.flags.includes('InvalidKeySize');

  it('open 10 valid vectors of Wycheproof and refuse 23 invalid ones', () => {
    const run = { valid: 0, invalid: 0 };
    for (const vector of vectors.filter((one) => !wrongSize(one))) {
      const opened = openVector(suite, vector);
      run[vector.result]++;
      if (vector.result === 'invalid') expect(opened, vector.comment).toBeUndefined();
      else
        expect(
          [opened?.length, opened && createHash('sha512').update(opened).digest('hex')],
          vector.comment,
        ).toEqual([vector.msgLength, vector.msgSha512]);
    }
    expect(run).toEqual({ valid: 10, invalid: 23 });
  });

  it('derive the key and nonce of each vector that contains them', () => {
    const told = vectors.filter((vector) => vector.aeadKey !== undefined);
    for (const vector of told) {
      const sealed = inflateSync(bytesOf(vector, 'ct'));
      const { key, nonce } = keyOf(
        suite,
        bytesOf(vector, 'key'),
        sealed.subarray(0, 24),
        bytesOf(vector, 'ctx'),
      );
      expect((key as ReturnType<OpensslDriver['importKey']>).export().toString('hex')).toBe(vector.aeadKey);
      expect(nonce.toString('hex')).toBe(vector.baseNonce);
    }
    expect(told.length).toBeGreaterThan(20);
  });

  /** A key handle has no visible length: the length is checked where keys are imported, and subkeys have the right one. */
  it('never get the 2 keys of a wrong length, which the import refuses', () => {
    const keys = vectors.filter(wrongSize).map((vector) => bytesOf(vector, 'key'));
    expect(keys.map((key) => key.length)).toEqual([suite.keyLength - 1, suite.keyLength + 1]);
    for (const key of keys) expect(readRaw(key)).toMatch(/exactly 32 are needed/);
  });
});

describe('Chunks', () => {
  const key = keyOf(aes256, Buffer.alloc(32, 1), Buffer.alloc(24, 2), Buffer.from('context'));
  const seal = (text: Buffer) => sealChunks(driver, aes256, key, text) as Buffer;
  const open = (sealed: Buffer) => openChunks(driver, aes256, key, sealed) as Buffer | undefined;
  const sample = (length: number) =>
    Buffer.alloc(length, Buffer.from(Array.from({ length: 251 }, (_, i) => i)));

  it.each([
    { length: 0, chunks: 1 },
    { length: 1, chunks: 1 },
    { length: CHUNK - 1, chunks: 1 },
    { length: CHUNK, chunks: 2 },
    { length: CHUNK + 1, chunks: 2 },
    { length: 2 * CHUNK - 1, chunks: 2 },
    { length: 2 * CHUNK, chunks: 3 },
    { length: 40_000, chunks: 3 },
    { length: 1_048_576, chunks: 65 },
  ])('carry $length bytes in $chunks', ({ length, chunks }) => {
    const sealed = seal(sample(length));
    expect(sealed).toHaveLength(length + 16 * chunks);
    expect(open(sealed)?.equals(sample(length))).toBe(true);
  });

  it('refuse a chunk that is missing, doubled, swapped or cut', () => {
    const sealed = seal(sample(2 * CHUNK + 5));
    const [first, second, last] = [
      sealed.subarray(0, CHUNK + 16),
      sealed.subarray(CHUNK + 16, 2 * CHUNK + 32),
      sealed.subarray(2 * CHUNK + 32),
    ];
    for (const parts of [
      [first],
      [first, second],
      [first, last],
      [second, last],
      [last],
      [second, first, last],
      [first, first, last],
      [first, second, last, last],
      [first, second, last.subarray(0, 20)],
      [first, second, last.subarray(0, 15)],
      [],
    ])
      expect(open(Buffer.concat(parts))).toBeUndefined();
    expect(open(sealed)?.equals(sample(2 * CHUNK + 5))).toBe(true);
  });
});
