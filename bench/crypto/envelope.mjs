// What the envelope costs over bare node:crypto: AES-256-GCM under one key with base64url and JSON, for a value of a session.
// "seen" opens values of epochs whose keys are in the cache, as nearly every request does; "unseen" derives the key each time.
// Exit 1 when seal + open of 500 bytes with a seen epoch cost more than 1.2 times the bare calls.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, randomFillSync } from 'node:crypto';
import { context, envelopeOf, interleave, median, pairedRatio, secret } from './_measure.mjs';
import { decodeBase64url, encodeBase64url } from '../../dist/lib/envelope/base64url.js';
import { NO_ROW } from '../../dist/lib/envelope/envelope-context.js';

const LIMIT = 1.2;
const json = process.argv.includes('--json'); // one line for the table of `npm run bench`; over the limit is no failure then
const rounds = Number(process.env.ROUNDS ?? 41);
const print = json ? () => {} : console.log;
const ratios = {};
const MESSAGES = 64;
const KEY = createSecretKey(randomBytes(32));
const IVS = Buffer.alloc(12 * 512);
let at = IVS.length;

function iv() {
  if (at === IVS.length) {
    randomFillSync(IVS);
    at = 0;
  }
  return IVS.subarray(at, (at += 12));
}

/** iv(12) ‖ tag(16) ‖ ciphertext, under one key for all: no derivation, no commitment, no context, no check of the spelling. */
function bareSeal(value) {
  const nonce = iv();
  const cipher = createCipheriv('aes-256-gcm', KEY, nonce);
  const ciphertext = cipher.update(JSON.stringify(value), 'utf8');
  cipher.final();
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64url');
}

function bareOpen(text) {
  const sealed = Buffer.from(text, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', KEY, sealed.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(sealed.subarray(12, 28));
  const plaintext = decipher.update(sealed.subarray(28));
  decipher.final();
  return JSON.parse(plaintext.toString());
}

const seal = (envelope, value) =>
  encodeBase64url(envelope.seal(Buffer.from(JSON.stringify(value)), context, NO_ROW));
const open = (envelope, text) =>
  JSON.parse(envelope.open(decodeBase64url(text), context, NO_ROW).plaintext.toString());

/** A value whose JSON has this size. */
const valueOf = (size) => ({ d: 'abcdefghij'.repeat(size).slice(0, size - 8) });

const key = secret();
const unseen = await envelopeOf([key], 0);
const seen = await envelopeOf([key], 1000);

print(`Node ${process.version}\n`);
print('| bytes | operation | bare us | ours us | ratio (paired median) |\n|---|---|---|---|---|');
for (const size of [500, 3000]) {
  const value = valueOf(size);
  const bare = Array.from({ length: MESSAGES }, () => bareSeal(value));
  const sealed = Array.from({ length: MESSAGES }, () => seal(seen, value));
  const results = interleave([
    () => bareSeal(value),
    () => seal(seen, value),
    (i) => bareOpen(bare[i % MESSAGES]),
    (i) => open(seen, sealed[i % MESSAGES]),
    (i) => open(unseen, sealed[i % MESSAGES]),
  ], { rounds });
  const sum = (a, b) => a.map((us, i) => us + b[i]);
  const row = (operation, ours, floor) => {
    const ratio = pairedRatio(ours, floor);
    ratios[`${operation} ${size}`] = Number(ratio.toFixed(3));
    print(
      `| ${size} | ${operation} | ${median(floor).toFixed(1)} | ${median(ours).toFixed(1)} | ${ratio.toFixed(2)} |`,
    );
    return ratio;
  };
  row('seal', results[1], results[0]);
  row('open, seen epoch', results[3], results[2]);
  row('open, unseen epoch', results[4], results[2]);
  const both = row('seal + open, seen epoch', sum(results[1], results[3]), sum(results[0], results[2]));
  if (size === 500 && both > LIMIT && !json) process.exitCode = 1;
}
if (json) console.log(JSON.stringify({ ratios }));
if (process.exitCode) console.error(`over ${LIMIT}`);
