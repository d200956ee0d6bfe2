import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import type { CryptoDriver, KeyHandle } from '../../crypto/crypto-driver.interface.js';
import type { DriverContractCase } from './case.interface.js';
import { always, failureOf, suitesOf } from './support.js';

/** So much of a secret, from its start, is enough to give it away. */
const TELLTALE = 12;
/** Far deeper than a log looks; bindings to native libraries can be endless. */
const DEPTH = 6;

/** What a log could show of a driver: never a key, never a text. */
export const secrecyContract: readonly DriverContractCase[] = [
  {
    title: 'shows nothing of a key in the driver and its handles',
    applies: always,
    async run(driver) {
      const bytes = randomBytes(32);
      const handles = await usedHandles(driver, bytes);
      for (const value of [...handles, { handles }, driver]) assertSilent(value, bytes, 'a key is shown');
    },
  },
  {
    title: 'shows neither key nor text in an error',
    applies: always,
    async run(driver) {
      const [bytes, text] = [randomBytes(32), randomBytes(200)];
      for (const error of await errorsOf(driver, bytes, text)) {
        assertSilent(error, bytes, 'an error shows a key');
        assertSilent(error, text, 'an error shows a text');
      }
    },
  },
];

/** Handles of one key that have done what they are for. */
async function usedHandles(driver: CryptoDriver, bytes: Buffer): Promise<KeyHandle[]> {
  const handles = [await driver.importKey(Buffer.from(bytes), 'expand')];
  await driver.expand(handles[0]!, Buffer.from('info'), 76);
  for (const suite of suitesOf(driver)) {
    const key = await driver.importKey(Buffer.from(bytes.subarray(0, suite.keyLength)), 'seal');
    await driver.seal(suite, key, randomBytes(12), randomBytes(20));
    handles.push(key);
  }
  return handles;
}

/** What the driver throws at keys, nonces and lengths that it cannot use; some drivers take some of them. */
async function errorsOf(driver: CryptoDriver, bytes: Buffer, text: Buffer): Promise<unknown[]> {
  const key = await driver.importKey(Buffer.from(bytes), 'expand');
  const errors = [
    await failureOf(() => driver.importKey(bytes.subarray(0, TELLTALE))),
    await failureOf(() => driver.expand(key, text, 1e6)),
  ];
  for (const suite of suitesOf(driver)) {
    const long = await driver.importKey(Buffer.concat([bytes, bytes.subarray(0, 16)]));
    errors.push(await failureOf(() => driver.seal(suite, long, randomBytes(12), text)));
    errors.push(await failureOf(() => driver.open(suite, long, randomBytes(12), text)));
    errors.push(await failureOf(() => driver.seal(suite, key, randomBytes(0), text)));
  }
  return errors.filter((error) => error !== undefined);
}

function assertSilent(value: unknown, secret: Buffer, message: string): void {
  const text = shown(value);
  const start = secret.subarray(0, TELLTALE);
  const spellings = [
    start.toString('latin1').replaceAll(/\s/g, ''),
    start.toString('hex'),
    start.toString('base64'),
    start.toString('base64url'),
    start.join(','),
  ];
  assert.ok(!spellings.some((spelling) => text.includes(spelling)), message);
}

/** Everything that a log could show of a value, without blanks. */
function shown(value: unknown): string {
  const options = { depth: DEPTH, showHidden: true, maxArrayLength: null, maxStringLength: null };
  const parts = [inspect(value, options), jsonOf(value), String(value)];
  if (value instanceof Error) parts.push(String(value.stack), jsonOf({ ...value }));
  return parts.join('\n').replaceAll(/\s/g, '');
}

/** What cannot be written as JSON shows nothing. */
function jsonOf(value: unknown): string {
  try {
    return String(JSON.stringify(value));
  } catch {
    return '';
  }
}
