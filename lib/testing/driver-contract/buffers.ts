import { randomBytes } from 'node:crypto';
import { OpensslDriver } from '../../crypto/drivers/openssl/openssl.driver.js';
import type { CryptoDriver } from '../../crypto/crypto-driver.interface.js';
import type { Suite } from '../../crypto/suites.js';
import type { DriverContractCase } from './case.interface.js';
import { always, assertBytes, sample, suitesOf } from './support.js';

const openssl = new OpensslDriver();

/** The facts about the ownership of buffers. A caller wipes its inputs after a call, and keeps or wipes the results. A driver
 *  must therefore copy what it keeps, change no input, and never return the same memory twice. */
export const bufferContract: readonly DriverContractCase[] = [
  {
    // The key ring wipes the bytes as soon as the import has settled.
    title: 'keeps a key when the imported bytes are wiped',
    applies: always,
    async run(driver) {
      const [bytes, info] = [randomBytes(32), randomBytes(9)];
      const expected = openssl.expand(openssl.importKey(bytes), info, 64);
      const key = await driver.importKey(bytes, 'expand');
      bytes.fill(0);
      assertBytes(await driver.expand(key, info, 64), expected, 'the key has changed');
    },
  },
  {
    // One cookie value may be tried as the native format and then as a foreign one (`crypto.accept`).
    title: 'does not change its inputs',
    applies: always,
    async run(driver) {
      await leavesKeyAndInfo(driver);
      for (const suite of suitesOf(driver)) await leavesMessages(driver, suite);
    },
  },
  {
    // One request wipes its plaintext while another still reads the result of its own call.
    title: 'returns buffers of its own',
    applies: always,
    async run(driver) {
      const [key, info] = [await driver.importKey(randomBytes(32), 'expand'), randomBytes(9)];
      const outputs = [await driver.expand(key, info, 76), await driver.expand(key, info, 76)] as const;
      outputs[0].fill(0xaa);
      assertBytes(outputs[1], await driver.expand(key, info, 76), 'two expansions share their bytes');
      for (const suite of suitesOf(driver)) await returnsOwnBuffers(driver, suite);
    },
  },
];

async function leavesKeyAndInfo(driver: CryptoDriver): Promise<void> {
  const [bytes, info] = [randomBytes(32), randomBytes(9)];
  const before = [Buffer.from(bytes), Buffer.from(info)] as const;
  await driver.expand(await driver.importKey(bytes, 'expand'), info, 100);
  assertBytes(bytes, before[0], 'importKey changes the bytes of the key');
  assertBytes(info, before[1], 'expand changes the info');
}

async function leavesMessages(driver: CryptoDriver, suite: Suite): Promise<void> {
  const { key, nonce, text, data } = await sample(driver, suite, 100);
  const before = [Buffer.from(nonce), Buffer.from(text), Buffer.from(data)] as const;
  const sealed = await driver.seal(suite, key, nonce, text, data);
  const kept = Buffer.from(sealed);
  await driver.open(suite, key, nonce, sealed, data);
  assertBytes(nonce, before[0], `${suite.cipher} changes the nonce`);
  assertBytes(text, before[1], `${suite.cipher} changes the text that it seals`);
  assertBytes(data, before[2], `${suite.cipher} changes the additional data`);
  assertBytes(sealed, kept, `${suite.cipher} changes the bytes that it opens`);
}

/** Overwrites each buffer in turn and checks that no other one changes. */
async function returnsOwnBuffers(driver: CryptoDriver, suite: Suite): Promise<void> {
  const { key, nonce, text, data } = await sample(driver, suite, 100);
  const before = Buffer.from(text);
  const sealed = await driver.seal(suite, key, nonce, text, data);
  const kept = Buffer.from(sealed);
  const opened = await driver.open(suite, key, nonce, sealed, data);
  const again = await driver.open(suite, key, nonce, sealed, data);
  text.fill(0xaa);
  assertBytes(sealed, kept, `${suite.cipher} seals into the plaintext that it was given`);
  sealed.fill(0xaa);
  assertBytes(opened, before, `${suite.cipher} opens into the bytes that it was given`);
  again?.fill(0xaa);
  assertBytes(opened, before, `${suite.cipher} returns the same bytes for two calls`);
}
