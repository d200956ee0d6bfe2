import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { OpensslDriver } from '../../crypto/drivers/openssl/openssl.driver.js';
import { selfTest } from '../../crypto/self-test.js';
import { TAG_LENGTH, type Suite } from '../../crypto/suites.js';
import type { CryptoDriver } from '../../crypto/crypto-driver.interface.js';
import type { DriverContractCase } from './case.interface.js';
import { assertBytes, failureOf, flipped, sample, suitesOf } from './support.js';
import { DRIVER_VECTORS } from './vectors.js';

const MIB = 2 ** 20;
/** Bytes of plaintexts: around the block sizes of AES (16) and ChaCha20 (64), a usual session, and the largest one. */
const LENGTHS = [0, 1, 15, 16, 17, 63, 64, 65, 500, 16_384, MIB];
/** Bytes of additional data. */
const DATA_LENGTHS = [0, 1, 15, 16, 17, 70, 102, 1023, 1024, 1025, 70_000];
/** Concurrent calls. */
const PARALLEL = 1000;
/** The driver that results are compared with. */
const openssl = new OpensslDriver();
const hex = (text: string) => Buffer.from(text, 'hex');

/** The facts about `seal` and `open`, for every suite in a driver's `ciphers`. */
export const aeadContract: readonly DriverContractCase[] = [
  // A driver that fails here could never start.
  forEachSuite('passes the self-test that runs at every start', async (driver, suite) => {
    assert.equal(await selfTest(driver, suite), undefined);
  }),

  // Answers that others computed: a driver must not agree with itself only.
  forEachSuite('seals and opens known answers', async (driver, suite) => {
    for (const vector of DRIVER_VECTORS[suite.cipher] ?? []) {
      const { tcId, text, sealed } = vector;
      const data = hex(vector.data);
      const [key, nonce] = [await driver.importKey(hex(vector.key), 'seal'), hex(vector.nonce)];
      const label = `${suite.cipher}, tcId ${tcId}`;
      assertBytes(
        await driver.seal(suite, key, nonce, hex(text), data),
        hex(sealed),
        `${label} seals wrongly`,
      );
      assertBytes(
        await driver.open(suite, key, nonce, hex(sealed), data),
        hex(text),
        `${label} opens wrongly`,
      );
    }
  }),

  // Servers with different drivers share sessions, so every length must give the same bytes.
  forEachSuite('seals and opens as Node does, from no byte up to 1 MiB', async (driver, suite) => {
    for (const length of LENGTHS) {
      const { key, keyBytes, nonce, text, data } = await sample(driver, suite, length);
      const expected = openssl.seal(suite, openssl.importKey(keyBytes), nonce, text, data);
      const label = `${suite.cipher}, ${length} bytes`;
      assertBytes(await driver.seal(suite, key, nonce, text, data), expected, `${label} are sealed wrongly`);
      assertBytes(await driver.open(suite, key, nonce, expected, data), text, `${label} are opened wrongly`);
    }
  }),

  // `importKey` without a use. The self-tests rely on it.
  forEachSuite('takes a key that was imported for every use', async (driver, suite) => {
    const { key, keyBytes, nonce, text, data } = await sample(driver, suite, 20);
    const every = await driver.importKey(Buffer.from(keyBytes));
    const sealed = await driver.seal(suite, every, nonce, text, data);
    assertBytes(await driver.open(suite, key, nonce, sealed, data), text, `${suite.cipher} is another key`);
  }),

  // Every single bit: a driver that compares a part of the tag only, or that ignores the text, fails.
  forEachSuite('opens nothing with a flipped bit in text or tag', async (driver, suite) => {
    const { key, nonce, text, data } = await sample(driver, suite, 3);
    const sealed = await driver.seal(suite, key, nonce, text, data);
    for (let bit = 0; bit < sealed.length * 8; bit++)
      assert.equal(await driver.open(suite, key, nonce, flipped(sealed, bit), data), undefined, `bit ${bit}`);
  }),

  forEachSuite('opens nothing under another key or nonce', async (driver, suite) => {
    const { key, nonce, text, data } = await sample(driver, suite, 100);
    const other = await sample(driver, suite, 0);
    const sealed = await driver.seal(suite, key, nonce, text, data);
    assert.equal(await driver.open(suite, other.key, nonce, sealed, data), undefined, 'another key');
    assert.equal(await driver.open(suite, key, other.nonce, sealed, data), undefined, 'another nonce');
  }),

  // The context of a value is its additional data. A driver that leaves a part of it out would open a value in another
  // cookie, row, store or tenant. The lengths are around those of real contexts and of the blocks that GHASH and Poly1305
  // read, and the longest is that of a long context of `createSealer`.
  forEachSuite('binds a value to every bit and byte of the additional data', async (driver, suite) => {
    const { key, keyBytes, nonce, text } = await sample(driver, suite, 20);
    for (const length of DATA_LENGTHS) {
      const data = randomBytes(length);
      const label = `${suite.cipher}, ${length} bytes of additional data`;
      const expected = openssl.seal(suite, openssl.importKey(keyBytes), nonce, text, data);
      assertBytes(await driver.seal(suite, key, nonce, text, data), expected, `${label} are sealed wrongly`);
      assertBytes(await driver.open(suite, key, nonce, expected, data), text, `${label} are opened wrongly`);
      for (const other of changed(data))
        assert.equal(await driver.open(suite, key, nonce, expected, other), undefined, label);
    }
  }),

  // With a shorter input, the last ciphertext bytes take the place of the tag.
  forEachSuite('opens nothing that was shortened or extended', async (driver, suite) => {
    const { key, nonce, text, data } = await sample(driver, suite, 40);
    const sealed = await driver.seal(suite, key, nonce, text, data);
    for (let length = TAG_LENGTH; length < sealed.length; length++)
      assert.equal(
        await driver.open(suite, key, nonce, sealed.subarray(0, length), data),
        undefined,
        `${length}`,
      );
    const longer = Buffer.concat([sealed, Buffer.alloc(1)]);
    assert.equal(await driver.open(suite, key, nonce, longer, data), undefined);
  }),

  // The driver may return `undefined` or throw; a plaintext would be one without a verified tag.
  forEachSuite('returns no plaintext for less than a tag', async (driver, suite) => {
    const { key, nonce, data } = await sample(driver, suite, 0);
    for (let length = 0; length < TAG_LENGTH; length++) {
      let opened: Buffer | undefined;
      await failureOf(async () => (opened = await driver.open(suite, key, nonce, randomBytes(length), data)));
      assert.equal(opened, undefined, `${length} bytes`);
    }
  }),

  // Every call has its own key, nonce and text. A driver that shares a buffer between calls, or returns results in another
  // order, fails.
  forEachSuite(`keeps ${PARALLEL} concurrent calls apart`, async (driver, suite) => {
    const samples = await Promise.all(
      Array.from({ length: PARALLEL }, (_, i) => sample(driver, suite, i % 200)),
    );
    const sealed = await Promise.all(
      samples.map(async ({ key, nonce, text, data }) => driver.seal(suite, key, nonce, text, data)),
    );
    const opened = await Promise.all(
      samples.map(async ({ key, nonce, data }, i) => driver.open(suite, key, nonce, sealed[i]!, data)),
    );
    for (const [i, { keyBytes, nonce, text, data }] of samples.entries()) {
      const expected = openssl.seal(suite, openssl.importKey(keyBytes), nonce, text, data);
      assertBytes(sealed[i], expected, `call ${i} is mixed up`);
      assertBytes(opened[i], text, `call ${i} is mixed up`);
    }
  }),
];

/** Returns the data with its first, a middle and its last bit flipped, and with a byte more or less at the end. */
function changed(data: Buffer): Buffer[] {
  const { length } = data;
  const longer = Buffer.concat([data, Buffer.of(0)]);
  if (!length) return [longer];
  return [...[0, 4 * length, 8 * length - 1].map((bit) => flipped(data, bit)), data.subarray(0, -1), longer];
}

/** Returns a case that runs once for each suite of the driver. It does not apply to a driver without suites. */
function forEachSuite(
  title: string,
  run: (driver: CryptoDriver, suite: Suite) => Promise<void>,
): DriverContractCase {
  return {
    title,
    applies: ({ ciphers }) => ciphers.length > 0,
    async run(driver) {
      for (const suite of suitesOf(driver)) await run(driver, suite);
    },
  };
}
