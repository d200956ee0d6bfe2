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
      const [key, nonce] = [await driver.importKey(hex(vector.key), 'seal'), hex(vector.nonce)];
      const label = `${suite.cipher}, tcId ${tcId}`;
      assertBytes(await driver.seal(suite, key, nonce, hex(text)), hex(sealed), `${label} seals wrongly`);
      assertBytes(await driver.open(suite, key, nonce, hex(sealed)), hex(text), `${label} opens wrongly`);
    }
  }),

  // Servers with different drivers share sessions, so every length must give the same bytes.
  forEachSuite('seals and opens as Node does, from no byte up to 1 MiB', async (driver, suite) => {
    for (const length of LENGTHS) {
      const { key, keyBytes, nonce, text } = await sample(driver, suite, length);
      const expected = openssl.seal(suite, openssl.importKey(keyBytes), nonce, text);
      const label = `${suite.cipher}, ${length} bytes`;
      assertBytes(await driver.seal(suite, key, nonce, text), expected, `${label} are sealed wrongly`);
      assertBytes(await driver.open(suite, key, nonce, expected), text, `${label} are opened wrongly`);
    }
  }),

  // `importKey` without a use. The self-tests rely on it.
  forEachSuite('takes a key that was imported for every use', async (driver, suite) => {
    const { key, keyBytes, nonce, text } = await sample(driver, suite, 20);
    const every = await driver.importKey(Buffer.from(keyBytes));
    const sealed = await driver.seal(suite, every, nonce, text);
    assertBytes(await driver.open(suite, key, nonce, sealed), text, `${suite.cipher} is another key`);
  }),

  // Every single bit: a driver that compares a part of the tag only, or that ignores the text, fails.
  forEachSuite('opens nothing with a flipped bit in text or tag', async (driver, suite) => {
    const { key, nonce, text } = await sample(driver, suite, 3);
    const sealed = await driver.seal(suite, key, nonce, text);
    for (let bit = 0; bit < sealed.length * 8; bit++)
      assert.equal(await driver.open(suite, key, nonce, flipped(sealed, bit)), undefined, `bit ${bit}`);
  }),

  forEachSuite('opens nothing under another key or nonce', async (driver, suite) => {
    const { key, nonce, text } = await sample(driver, suite, 100);
    const other = await sample(driver, suite, 0);
    const sealed = await driver.seal(suite, key, nonce, text);
    assert.equal(await driver.open(suite, other.key, nonce, sealed), undefined, 'another key');
    assert.equal(await driver.open(suite, key, other.nonce, sealed), undefined, 'another nonce');
  }),

  // With a shorter input, the last ciphertext bytes take the place of the tag.
  forEachSuite('opens nothing that was shortened or extended', async (driver, suite) => {
    const { key, nonce, text } = await sample(driver, suite, 40);
    const sealed = await driver.seal(suite, key, nonce, text);
    for (let length = TAG_LENGTH; length < sealed.length; length++)
      assert.equal(await driver.open(suite, key, nonce, sealed.subarray(0, length)), undefined, `${length}`);
    const longer = Buffer.concat([sealed, Buffer.alloc(1)]);
    assert.equal(await driver.open(suite, key, nonce, longer), undefined);
  }),

  // The driver may return `undefined` or throw; a plaintext would be one without a verified tag.
  forEachSuite('returns no plaintext for less than a tag', async (driver, suite) => {
    const { key, nonce } = await sample(driver, suite, 0);
    for (let length = 0; length < TAG_LENGTH; length++) {
      let opened: Buffer | undefined;
      await failureOf(async () => (opened = await driver.open(suite, key, nonce, randomBytes(length))));
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
      samples.map(async ({ key, nonce, text }) => driver.seal(suite, key, nonce, text)),
    );
    const opened = await Promise.all(
      samples.map(async ({ key, nonce }, i) => driver.open(suite, key, nonce, sealed[i]!)),
    );
    for (const [i, { keyBytes, nonce, text }] of samples.entries()) {
      const expected = openssl.seal(suite, openssl.importKey(keyBytes), nonce, text);
      assertBytes(sealed[i], expected, `call ${i} is mixed up`);
      assertBytes(opened[i], text, `call ${i} is mixed up`);
    }
  }),
];

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
