// What a driver costs: whole envelopes of 500 bytes, sealed and opened in an epoch that is known, against openssl under the
// same suite; and the first open of an epoch, which derives its key (UNSEEN=1). DIST=path measures another build than dist; arguments name the drivers to measure.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { context, median, pairedRatio, plaintextOf, secret } from './_measure.mjs';
import { softToken } from './_soft-token.mjs';

const dist = pathToFileURL(`${resolve(process.env.DIST ?? new URL('../../dist', import.meta.url).pathname)}/`);
const load = (file) => import(new URL(`lib/${file}`, dist).href);
const { DRIVER_ROWS } = await load('crypto/drivers/driver-rows.js');
const { KeyRingFactory } = await load('crypto/key-ring-factory.js');
const { SUITES } = await load('crypto/suites.js');
const { Envelope } = await load('envelope/envelope.js');
const { NO_ROW } = await load('envelope/envelope-context.js');

const ROUNDS = Number(process.env.ROUNDS ?? 31);
/** Microseconds of CPU of one slice, so that a slow driver gets fewer calls. */
const SLICE = 20_000;
const GOALS = { sodium: 0.8, nss: 1.2, pkcs11: 1.1 };

const token = softToken();
const ways = {
  sodium: [{ library: 'native' }, { library: 'wasm' }],
  pkcs11: token ? [token.params] : [],
};
const nameOf = (row, { library }) => row.name + (row.name === 'sodium' ? ` ${library}` : '');

const bytes = secret();
const text = plaintextOf(500);

async function envelopeOf(driver, suite) {
  const maker = new KeyRingFactory(driver, { ring: 'default', salt: '' });
  const ring = await maker.make([{ kind: 'raw', bytes: Buffer.from(bytes) }]);
  return new Envelope(driver, { ring }, { suite, accepted: [suite], cacheSize: process.env.UNSEEN ? 0 : 1000 });
}

/** Microseconds of CPU, those of pool threads too, per call; one call after the other. */
async function cpuOf(act, calls) {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    const result = act();
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

/** Seal and open of one driver under one suite, warm, and how often they fit into a slice. */
async function contestant(name, driver, suite) {
  const envelope = await envelopeOf(driver, suite);
  const seal = () => envelope.seal(text, context, NO_ROW);
  const sealed = await seal();
  const open = () => envelope.open(sealed, context, NO_ROW);
  const opened = await open();
  if (!opened.plaintext?.equals(text)) throw new Error(`${name} does not open what it sealed`);
  const first = (await cpuOf(seal, 100)) + (await cpuOf(open, 100));
  const calls = Math.max(10, Math.round((2 * SLICE) / first));
  for (const act of [seal, open]) await cpuOf(act, calls * 3);
  return { name, suite, seal, open, calls, seals: [], opens: [] };
}

async function openDrivers() {
  const wanted = process.argv.slice(2);
  const opened = [];
  for (const row of DRIVER_ROWS.filter(({ name }) => !wanted.length || ['openssl', ...wanted].includes(name))) {
    const missing = await row.missing();
    if (missing || ways[row.name]?.length === 0) console.log(`${row.name} is left out: ${missing ?? 'no SoftHSM2'}\n`);
    else
      for (const params of ways[row.name] ?? [{}])
        opened.push([nameOf(row, params), await row.open(params, 'crypto.driver')]);
  }
  return opened;
}

const drivers = await openDrivers();
console.log('| suite | driver | seal us | open us | ratio seal | ratio open | ratio both | goal |\n|---|---|---|---|---|---|---|---|');
for (const suite of SUITES) {
  const contest = [];
  for (const [name, driver] of drivers)
    if (driver.ciphers.includes(suite.cipher)) contest.push(await contestant(name, driver, suite));
  for (let round = 0; round < ROUNDS; round++)
    for (const one of round % 2 ? contest.toReversed() : contest) {
      one.seals.push(await cpuOf(one.seal, one.calls));
      one.opens.push(await cpuOf(one.open, one.calls));
      await new Promise(setImmediate); // what waits for a turn, such as finalizers, gets it
    }
  const both = ({ seals, opens }) => seals.map((value, i) => value + opens[i]);
  const [openssl] = contest;
  for (const one of contest) {
    const { name, seals, opens } = one;
    const ratio = pairedRatio(both(one), both(openssl)).toFixed(2);
    const cells = [median(seals).toFixed(1), median(opens).toFixed(1)];
    const ratios = [pairedRatio(seals, openssl.seals).toFixed(2), pairedRatio(opens, openssl.opens).toFixed(2), ratio];
    console.log(`| ${[suite.cipher, name, ...cells, ...ratios, GOALS[name.split(' ')[0]] ?? ''].join(' | ')} |`);
  }
}
for (const [, driver] of drivers) await driver.close?.();
token?.close();
