import { randomBytes } from 'node:crypto';
import { OpensslDriver } from '../../crypto/drivers/openssl/openssl.driver.js';
import type { CryptoDriver } from '../../crypto/crypto-driver.interface.js';
import type { Suite } from '../../crypto/suites.js';
import type { DriverContractCase } from './case.interface.js';
import { always, assertBytes, sample, suitesOf } from './support.js';

const openssl = new OpensslDriver();

/** Whose bytes are whose: callers wipe what they gave and keep what they got. */
export const bufferContract: readonly DriverContractCase[] = [
  {
    title: 'keeps a key when the bytes that it came from are wiped',
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
    title: 'leaves what it is given as it is',
    applies: always,
    async run(driver) {
      await leavesKeyAndInfo(driver);
      for (const suite of suitesOf(driver)) await leavesMessages(driver, suite);
    },
  },
  {
    title: 'answers in bytes that nobody else has',
    applies: always,
    async run(driver) {
      const [key, info] = [await driver.importKey(randomBytes(32), 'expand'), randomBytes(9)];
      const outputs = [await driver.expand(key, info, 76), await driver.expand(key, info, 76)] as const;
      outputs[0].fill(0xaa);
      assertBytes(outputs[1], await driver.expand(key, info, 76), 'two expansions share their bytes');
      for (const suite of suitesOf(driver)) await answersInOwnBytes(driver, suite);
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
  const { key, nonce, text } = await sample(driver, suite, 100);
  const before = [Buffer.from(nonce), Buffer.from(text)] as const;
  const sealed = await driver.seal(suite, key, nonce, text);
  const kept = Buffer.from(sealed);
  await driver.open(suite, key, nonce, sealed);
  assertBytes(nonce, before[0], `${suite.cipher} changes the nonce`);
  assertBytes(text, before[1], `${suite.cipher} changes the text that it seals`);
  assertBytes(sealed, kept, `${suite.cipher} changes what it opens`);
}

async function answersInOwnBytes(driver: CryptoDriver, suite: Suite): Promise<void> {
  const { key, nonce, text } = await sample(driver, suite, 100);
  const before = Buffer.from(text);
  const sealed = await driver.seal(suite, key, nonce, text);
  const kept = Buffer.from(sealed);
  const opened = await driver.open(suite, key, nonce, sealed);
  const again = await driver.open(suite, key, nonce, sealed);
  text.fill(0xaa);
  assertBytes(sealed, kept, `${suite.cipher} seals into what was given to it`);
  sealed.fill(0xaa);
  assertBytes(opened, before, `${suite.cipher} opens into what was given to it`);
  again?.fill(0xaa);
  assertBytes(opened, before, `${suite.cipher} opens twice into the same bytes`);
}
