import { awaitResult } from './awaitable.js';
import type { CryptoDriver } from './crypto-driver.interface.js';
import type { Suite } from './suites.js';

/** One known answer of an AEAD. All fields are hexadecimal. */
interface KnownAnswer {
  readonly key: string;
  readonly nonce: string;
  /** The additional data. */
  readonly data: string;
  readonly plaintext: string;
  /** ciphertext ‖ tag(16) */
  readonly sealed: string;
}

/** Known answers by cipher, one without and one with additional data, from C2SP Wycheproof: aes_gcm_test tcId 97, 102, 1 and
 *  13, chacha20_poly1305_test tcId 34 and 43. */
const KNOWN_ANSWERS: ReadonlyMap<string, readonly KnownAnswer[]> = new Map(
  Object.entries({
    aes256: [
      {
        key: '59d4eafb4de0cfc7d3db99a8f54b15d7b39f0acc8da69763b019c1699f87674a',
        nonce: '2fcb1b38a99e71b84740ad9b',
        data: '',
        plaintext: '549b365af913f3b081131ccb6b825588',
        sealed: 'f58c16690122d75356907fd96b570fca28752c20153092818faba2a334640d6e',
      },
      {
        key: 'f32364b1d339d82e4f132d8f4a0ec1ff7e746517fa07ef1a7f422f4e25a48194',
        nonce: '5a86a50a0e8a179c734b996d',
        data: 'ab2ac7c44c60bdf8228c7884adb20184',
        plaintext: '43891bccb522b1e72a6b53cf31c074e9d6c2df8e',
        sealed: '43dda832e942e286da314daa99bef5071d9d2c78c3922583476ced575404ddb85dd8cd44',
      },
    ],
    aes128: [
      {
        key: '5b9604fe14eadba931b0ccf34843dab9',
        nonce: '028318abc1824029138141a2',
        data: '',
        plaintext: '001d0c231287c1182784554ca3a21908',
        sealed: '26073cc1d851beff176384dc9896d5ff0a3ea7a5487cb5f7d70fb6c58d038554',
      },
      {
        key: '38449890234eb8afab0bbf82e2385454',
        nonce: '33e90658416e7c1a7c005f11',
        data: '4020855c66ac4595058395f367201c4c',
        plaintext: 'f762776bf83163b323ca63a6b3adeac1e1357262',
        sealed: 'a6f2ef3c7ef74a126dd2d5f6673964e27d5b34b6b8bbdc4f5014bc752c8b4e9b87f650a3',
      },
    ],
    chacha20: [
      {
        key: '59d4eafb4de0cfc7d3db99a8f54b15d7b39f0acc8da69763b019c1699f87674a',
        nonce: '2fcb1b38a99e71b84740ad9b',
        data: '',
        plaintext: '549b365af913f3b081131ccb6b825588',
        sealed: 'e9110e9f56ab3ca483500ceabab67a13836ccabf15a6a22a51c1071cfa68fa0c',
      },
      {
        key: 'cdccfe3f46d782ef47df4e72f0c02d9c7f774def970d23486f11a57f54247f17',
        nonce: '376187894605a8d45e30de51',
        data: '956846a209e087ed',
        plaintext: 'e28e0e9f9d22463ac0e42639b530f42102fded75',
        sealed: '14f707c446988a4903775ec7acec6da114d43112987d4b147c490d43d376a198cab383f0',
      },
    ],
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

/** Tests key derivation only, for a token whose messages are sealed elsewhere. Returns as {@link selfTest} does. */
export async function testExpand(
  driver: Pick<CryptoDriver, 'importKey' | 'expand'>,
): Promise<string | undefined> {
  const key = await awaitResult(driver.importKey(Buffer.from(Array.from({ length: 32 }, (_, i) => i))));
  const expected = hex(EXPAND.output);
  const output = await awaitResult(driver.expand(key, Buffer.from(EXPAND.info), expected.length));
  return output.equals(expected) ? undefined : 'HKDF-Expand-SHA-512 gives a wrong answer';
}

async function testAead(driver: CryptoDriver, suite: Suite): Promise<string | undefined> {
  const answers = KNOWN_ANSWERS.get(suite.cipher);
  if (!answers) return `there is no known answer for cipher "${suite.cipher}"`;
  for (const answer of answers) {
    const fault = await testAnswer(driver, suite, answer);
    if (fault) return fault;
  }
  return undefined;
}

async function testAnswer(
  driver: CryptoDriver,
  suite: Suite,
  answer: KnownAnswer,
): Promise<string | undefined> {
  const { cipher } = suite;
  const key = await awaitResult(driver.importKey(hex(answer.key)));
  const [nonce, data] = [hex(answer.nonce), hex(answer.data)];
  const open = (bytes: Buffer, under: Buffer) => awaitResult(driver.open(suite, key, nonce, bytes, under));
  const sealed = await awaitResult(driver.seal(suite, key, nonce, hex(answer.plaintext), data));
  if (!sealed.equals(hex(answer.sealed))) return `${cipher} seals wrongly`;
  if (!(await open(sealed, data))?.equals(hex(answer.plaintext))) return `${cipher} opens wrongly`;
  if (await open(flippedAtEnd(sealed), data)) return `${cipher} opens a forged tag`;
  const other = data.length ? flippedAtEnd(data) : Buffer.of(1);
  return (await open(sealed, other)) ? `${cipher} opens under other additional data` : undefined;
}

function flippedAtEnd(bytes: Buffer): Buffer {
  const forged = Buffer.from(bytes);
  forged[forged.length - 1]! ^= 1;
  return forged;
}
