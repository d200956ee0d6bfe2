import { awaitResult } from './awaitable.js';
import type { CryptoDriver } from './crypto-driver.interface.js';
import type { Suite } from './suites.js';

/** Known answers by cipher, from C2SP Wycheproof: aes_gcm_test tcId 97 and 1, chacha20_poly1305_test tcId 34. */
const KNOWN_ANSWERS = new Map(
  Object.entries({
    aes256: {
      key: '59d4eafb4de0cfc7d3db99a8f54b15d7b39f0acc8da69763b019c1699f87674a',
      nonce: '2fcb1b38a99e71b84740ad9b',
      plaintext: '549b365af913f3b081131ccb6b825588',
      sealed: 'f58c16690122d75356907fd96b570fca28752c20153092818faba2a334640d6e',
    },
    aes128: {
      key: '5b9604fe14eadba931b0ccf34843dab9',
      nonce: '028318abc1824029138141a2',
      plaintext: '001d0c231287c1182784554ca3a21908',
      sealed: '26073cc1d851beff176384dc9896d5ff0a3ea7a5487cb5f7d70fb6c58d038554',
    },
    chacha20: {
      key: '59d4eafb4de0cfc7d3db99a8f54b15d7b39f0acc8da69763b019c1699f87674a',
      nonce: '2fcb1b38a99e71b84740ad9b',
      plaintext: '549b365af913f3b081131ccb6b825588',
      sealed: 'e9110e9f56ab3ca483500ceabab67a13836ccabf15a6a22a51c1071cfa68fa0c',
    },
  }),
);

/** HKDF-Expand-SHA-512 of the key 00 01 … 1f and this info, computed by a second implementation (Python's hmac). The 76
 *  bytes are more than one block of 64, so that a driver that forgets the previous block fails. */
const EXPAND = {
  info: 'session-crypto/v1/self-test',
  output:
    '928a66143c72728ea931013cb8ad77fa0402b8f26a5e20e8f8eae18d2e8e3e0044e2461919b94d2a5a53789aa7b98d56' +
    'd7e85cb5853b58fec8ce23befc0057a327c22c19934d796e4445f56e',
};

const hex = (text: string) => Buffer.from(text, 'hex');

/** Tests a driver against the known answers for one suite. Returns a sentence about the first wrong result, or `undefined`
 *  if all is well. Runs at every start for the configured suites: a driver that computes wrongly must never seal a
 *  session, and one that accepts a forged tag must never open one. Rejects with whatever the driver rejects with. */
export async function selfTest(driver: CryptoDriver, suite: Suite): Promise<string | undefined> {
  return (await testExpand(driver)) ?? (await testAead(driver, suite));
}

/** Tests key derivation only, for drivers whose messages are sealed elsewhere. Returns as {@link selfTest} does. */
export async function testExpand(driver: CryptoDriver): Promise<string | undefined> {
  const key = await awaitResult(driver.importKey(Buffer.from(Array.from({ length: 32 }, (_, i) => i))));
  const expected = hex(EXPAND.output);
  const output = await awaitResult(driver.expand(key, Buffer.from(EXPAND.info), expected.length));
  return output.equals(expected) ? undefined : 'HKDF-Expand-SHA-512 gives a wrong answer';
}

async function testAead(driver: CryptoDriver, suite: Suite): Promise<string | undefined> {
  const answer = KNOWN_ANSWERS.get(suite.cipher);
  if (!answer) return `there is no known answer for cipher "${suite.cipher}"`;
  const key = await awaitResult(driver.importKey(hex(answer.key)));
  const nonce = hex(answer.nonce);
  const sealed = await awaitResult(driver.seal(suite, key, nonce, hex(answer.plaintext)));
  if (!sealed.equals(hex(answer.sealed))) return `${suite.cipher} seals wrongly`;
  const opened = await awaitResult(driver.open(suite, key, nonce, sealed));
  if (!opened?.equals(hex(answer.plaintext))) return `${suite.cipher} opens wrongly`;
  const forged = Buffer.from(sealed);
  forged[forged.length - 1]! ^= 1;
  return (await awaitResult(driver.open(suite, key, nonce, forged)))
    ? `${suite.cipher} opens a forged tag`
    : undefined;
}
