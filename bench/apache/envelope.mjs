// What an Apache session of 500 bytes costs: opened again and again, forged, and 200 of httpd's at once, each under a
// salt of its own. The first two run in turns with our own envelope in one process, since machines are busy.
import { randomBytes } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ApacheEnvelope } from '../../dist/lib/apache/index.js';
import { NO_ROW } from '../../dist/lib/envelope/envelope-context.js';
import { context, envelopeOf, interleave, median, pairedRatio, plaintextOf } from '../crypto/_measure.mjs';

const SIZE = 500;
const MESSAGES = 64;
const COLD = 200;
const secrets = [randomBytes(32)];
const text = plaintextOf(SIZE);

/** `count` values as httpd seals them, a salt each. */
async function foreign(count) {
  const httpd = new ApacheEnvelope({ secrets, reuseSalt: false, keyCache: 0 });
  const sealed = [];
  for (let i = 0; i < count; i++) sealed.push(await httpd.seal(text));
  return sealed;
}

/** The same values, the last byte of each MAC changed. */
const forge = (sealed) => {
  const blob = Buffer.from(sealed, 'base64');
  blob[7] ^= 1;
  return blob.toString('base64');
};

async function steady() {
  const native = await envelopeOf(secrets, 1000);
  const apache = new ApacheEnvelope({ secrets });
  const sealed = await foreign(MESSAGES);
  const forged = sealed.map(forge);
  const ours = sealed.map(() => native.seal(text, context, NO_ROW));
  for (const one of sealed) if (!(await apache.open(one))) throw new Error('a value does not open');
  for (const one of forged) if (apache.open(one) !== undefined) throw new Error('a forged value opens');
  await apache.seal(text); // the salt that all others share
  const [floor, again, refused, sealing] = interleave([
    (i) => native.open(ours[i % MESSAGES], context, NO_ROW),
    (i) => apache.open(sealed[i % MESSAGES]),
    (i) => apache.open(forged[i % MESSAGES]),
    () => apache.seal(text),
  ]);
  const ratio = (values) => pairedRatio(values, floor).toFixed(2);
  console.log(
    `aes256, ${SIZE} bytes, microseconds of CPU and the ratio to our own envelope's open with its key cached:`,
  );
  console.log('| operation | us | ratio (paired median) | goal |\n|---|---|---|---|');
  console.log(`| our own envelope: open, key cached | ${median(floor).toFixed(1)} | 1 | |`);
  console.log(`| open, key cached | ${median(again).toFixed(1)} | ${ratio(again)} | ratio at most 2.0 |`);
  console.log(`| open, forged | ${median(refused).toFixed(1)} | ${ratio(refused)} | at most 5 us |`);
  console.log(`| seal, after the first | ${median(sealing).toFixed(1)} | ${ratio(sealing)} | |`);
}

/** Milliseconds between the ticks of a timer of 1 ms while `work` is under way: what a request that came meanwhile
 *  would have waited, and the timer's own millisecond, of which an idle loop shows 1.1. */
async function loopDelay(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  await work();
  const total = performance.now() - start;
  delay.disable();
  const [p50, p99] = [50, 99].map((percentile) => (delay.percentile(percentile) / 1e6).toFixed(1));
  return { total, p50, p99 };
}

async function cold() {
  const rounds = [];
  for (let round = 0; round < 5; round++) {
    const sealed = await foreign(COLD);
    const apache = new ApacheEnvelope({ secrets });
    rounds.push(await loopDelay(() => Promise.all(sealed.map((one) => apache.open(one)))));
  }
  const idle = await loopDelay(() => new Promise((resolve) => setTimeout(resolve, 300)));
  console.log(`\n${COLD} opens at once, each with a PBKDF2 to do (goal: p50 below 3 ms), five rounds:`);
  console.log('| round | all open after ms | loop delay p50 ms | p99 ms |\n|---|---|---|---|');
  for (const [i, { total, p50, p99 }] of rounds.entries())
    console.log(`| ${i + 1} | ${total.toFixed(0)} | ${p50} | ${p99} |`);
  console.log(`| idle | | ${idle.p50} | ${idle.p99} |`);
}

await steady();
await cold();
