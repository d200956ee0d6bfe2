import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { CBC_CIPHERS, type CbcCipher } from '../../crypto/cbc-ciphers.js';
import { cbcSelfTest } from '../../crypto/cbc-self-test.js';
import { OpensslDriver } from '../../crypto/drivers/openssl/openssl.driver.js';
import type { CbcDriver, CryptoDriver } from '../../crypto/crypto-driver.interface.js';
import type { DriverContractCase } from './case.interface.js';
import { assertBytes } from './support.js';

/** Bytes of plaintexts: around the block lengths of 3DES (8) and AES (16), and long ones. */
const LENGTHS = [0, 1, 7, 8, 15, 16, 17, 500, 100_000];
const PARALLEL = 1000;
const openssl = new OpensslDriver();

/** The facts about raw CBC, for every cipher in a driver's `cbc.ciphers`. */
export const cbcContract: readonly DriverContractCase[] = [
  // A driver that fails here could never start with the Apache format.
  forEachCipher('passes the self-test of CBC that runs at every start', async (driver, _cbc, cipher) => {
    assert.equal(await cbcSelfTest(driver, cipher), undefined);
  }),

  // httpd must read what we write. `decrypt` returns the padding too, which the caller checks.
  forEachCipher('encrypts and decrypts by CBC as Node does', async (driver, cbc, cipher) => {
    for (const length of LENGTHS) {
      const [bytes, iv, text] = sampleOf(cipher, length);
      const key = await driver.importKey(Buffer.from(bytes), 'cbc');
      const same = openssl.importKey(bytes);
      const expected = openssl.cbc.encrypt(cipher, same, iv, text);
      const padded = openssl.cbc.decrypt(cipher, same, iv, expected);
      const label = `${cipher.name}, ${length} bytes`;
      assertBytes(await cbc.encrypt(cipher, key, iv, text), expected, `${label} are encrypted wrongly`);
      assertBytes(await cbc.decrypt(cipher, key, iv, expected), padded, `${label} are decrypted wrongly`);
    }
  }),

  // The caller still needs the IV, and wipes key and text itself.
  forEachCipher('does not change the inputs of CBC', async (driver, cbc, cipher) => {
    const [bytes, iv, text] = sampleOf(cipher, 100);
    const before = [Buffer.from(iv), Buffer.from(text)] as const;
    const key = await driver.importKey(bytes, 'cbc');
    bytes.fill(0);
    const ciphertext = await cbc.encrypt(cipher, key, iv, text);
    const kept = Buffer.from(ciphertext);
    await cbc.decrypt(cipher, key, iv, ciphertext);
    assertBytes(iv, before[0], `${cipher.name} changes the IV`);
    assertBytes(text, before[1], `${cipher.name} changes the text`);
    assertBytes(ciphertext, kept, `${cipher.name} changes the ciphertext`);
  }),

  // One key and one IV for all calls, so that only the texts tell them apart.
  forEachCipher(`keeps ${PARALLEL} concurrent calls of CBC apart`, async (driver, cbc, cipher) => {
    const [bytes, iv] = sampleOf(cipher, 0);
    const [key, same] = [await driver.importKey(Buffer.from(bytes), 'cbc'), openssl.importKey(bytes)];
    const texts = Array.from({ length: PARALLEL }, (_, i) => Buffer.from(`text ${i}`));
    const ciphertexts = await Promise.all(texts.map(async (text) => cbc.encrypt(cipher, key, iv, text)));
    const padded = await Promise.all(ciphertexts.map(async (one) => cbc.decrypt(cipher, key, iv, one)));
    for (const [i, text] of texts.entries()) {
      const expected = openssl.cbc.encrypt(cipher, same, iv, text);
      assertBytes(ciphertexts[i], expected, `call ${i} is mixed up`);
      const back = openssl.cbc.decrypt(cipher, same, iv, expected);
      assertBytes(padded[i], back, `call ${i} is mixed up`);
    }
  }),
];

/** Returns a random key, IV and text. */
const sampleOf = ({ keyLength, block }: CbcCipher, length: number): readonly [Buffer, Buffer, Buffer] => [
  randomBytes(keyLength),
  randomBytes(block),
  randomBytes(length),
];

/** Returns a case that runs once for each CBC cipher of the driver. It does not apply to a driver without CBC. */
function forEachCipher(
  title: string,
  run: (driver: CryptoDriver, cbc: CbcDriver, cipher: CbcCipher) => Promise<void>,
): DriverContractCase {
  return {
    title,
    applies: ({ cbc }) => Boolean(cbc?.ciphers.length),
    async run(driver) {
      const { cbc } = driver;
      for (const name of cbc?.ciphers ?? []) {
        const cipher = CBC_CIPHERS.find((one) => one.name === name);
        assert.ok(cipher, `the Apache format has no cipher "${name}"`);
        await run(driver, cbc!, cipher);
      }
    },
  };
}
