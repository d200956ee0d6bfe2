import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { NO_DATA } from '../../crypto/suites.js';
import type { CryptoDriver, KeyHandle } from '../../crypto/crypto-driver.interface.js';
import type { DriverContractCase } from './case.interface.js';
import { always, failureOf, suitesOf } from './support.js';

/** Leading bytes of a secret that are searched for. Twelve random bytes do not occur by chance. */
const SEARCHED_BYTES = 12;
/** Levels of nested objects that are searched. A log shows two; bindings to native libraries can be endless. */
const DEPTH = 6;

/** The facts about secrecy: nothing that a log could show of a driver contains a key or a plaintext. */
export const secrecyContract: readonly DriverContractCase[] = [
  {
    // A handle may be a member of an object that an application logs.
    title: 'hides keys in the output of driver and handles',
    applies: always,
    async run(driver) {
      const bytes = randomBytes(32);
      const handles = await usedHandles(driver, bytes);
      for (const value of [...handles, { handles }, driver]) assertHidden(value, bytes, 'a key is shown');
    },
  },
  {
    // Errors reach logs and error trackers, often with all their members.
    title: 'shows neither key nor text in an error',
    applies: always,
    async run(driver) {
      const [bytes, text] = [randomBytes(32), randomBytes(200)];
      for (const error of await errorsOf(driver, bytes, text)) {
        assertHidden(error, bytes, 'an error shows a key');
        assertHidden(error, text, 'an error shows a text');
      }
    },
  },
];

/** Returns handles of one key, for every use, after each of them has been used. */
async function usedHandles(driver: CryptoDriver, bytes: Buffer): Promise<KeyHandle[]> {
  const handles = [await driver.importKey(Buffer.from(bytes), 'expand')];
  await driver.expand(handles[0]!, Buffer.from('info'), 76);
  for (const suite of suitesOf(driver)) {
    const key = await driver.importKey(Buffer.from(bytes.subarray(0, suite.keyLength)), 'seal');
    await driver.seal(suite, key, randomBytes(12), randomBytes(20), NO_DATA);
    handles.push(key);
  }
  return handles;
}

/** Returns the errors for keys, nonces and lengths that do not fit. A driver may accept some of them; then there is no
 *  error. */
async function errorsOf(driver: CryptoDriver, bytes: Buffer, text: Buffer): Promise<unknown[]> {
  const key = await driver.importKey(Buffer.from(bytes), 'expand');
  const errors = [
    await failureOf(() => driver.importKey(bytes.subarray(0, SEARCHED_BYTES))),
    await failureOf(() => driver.expand(key, text, 1e6)),
  ];
  for (const suite of suitesOf(driver)) {
    const long = await driver.importKey(Buffer.concat([bytes, bytes.subarray(0, 16)]));
    errors.push(await failureOf(() => driver.seal(suite, long, randomBytes(12), text, NO_DATA)));
    errors.push(await failureOf(() => driver.open(suite, long, randomBytes(12), text, NO_DATA)));
    errors.push(await failureOf(() => driver.seal(suite, key, randomBytes(0), text, NO_DATA)));
  }
  return errors.filter((error) => error !== undefined);
}

/** Fails if the output of a value contains the first bytes of a secret, as text, hexadecimal, base64, or a list of numbers. */
function assertHidden(value: unknown, secret: Buffer, message: string): void {
  const text = outputOf(value);
  const start = secret.subarray(0, SEARCHED_BYTES);
  const spellings = [
    start.toString('latin1').replaceAll(/\s/g, ''),
    start.toString('hex'),
    start.toString('base64'),
    start.toString('base64url'),
    start.join(','),
  ];
  assert.ok(!spellings.some((spelling) => text.includes(spelling)), message);
}

/** Returns everything that a log could show of a value, without blanks. */
function outputOf(value: unknown): string {
  const options = { depth: DEPTH, showHidden: true, maxArrayLength: null, maxStringLength: null };
  const parts = [inspect(value, options), jsonOf(value), String(value)];
  if (value instanceof Error) parts.push(String(value.stack), jsonOf({ ...value }));
  return parts.join('\n').replaceAll(/\s/g, '');
}

/** Returns the JSON of a value, or an empty text if it has none. */
function jsonOf(value: unknown): string {
  try {
    return String(JSON.stringify(value));
  } catch {
    return '';
  }
}
