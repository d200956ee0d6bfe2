// What the envelope costs over one bare AES-256-GCM call: seal, and open with and without a cached message key.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, randomFillSync } from 'node:crypto';
import { context, envelopeOf, interleave, median, pairedRatio, plaintextOf, secret } from './_measure.mjs';
import { NO_ROW } from '../../dist/lib/envelope/envelope-context.js';

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

/** iv(12) ‖ tag(16) ‖ ciphertext, under one key for all: no derivation, no commitment, no context. */
function bareSeal(plaintext) {
  const nonce = iv();
  const cipher = createCipheriv('aes-256-gcm', KEY, nonce);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  const out = Buffer.allocUnsafe(28 + ciphertext.length);
  nonce.copy(out, 0);
  cipher.getAuthTag().copy(out, 12);
  ciphertext.copy(out, 28);
  return out;
}

function bareOpen(sealed) {
  const decipher = createDecipheriv('aes-256-gcm', KEY, sealed.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(sealed.subarray(12, 28));
  const plaintext = decipher.update(sealed.subarray(28));
  decipher.final();
  return plaintext;
}

const key = secret();
const cold = await envelopeOf([key], 0);
const warm = await envelopeOf([key], 1000);

console.log('| bytes | operation | bare us | ours us | ratio (paired median) |\n|---|---|---|---|---|');
for (const size of [300, 3000]) {
  const plaintext = plaintextOf(size);
  const bare = Array.from({ length: MESSAGES }, () => bareSeal(plaintext));
  const sealed = Array.from({ length: MESSAGES }, () => cold.seal(plaintext, context, NO_ROW));
  const results = interleave([
    () => bareSeal(plaintext),
    () => warm.seal(plaintext, context, NO_ROW),
    (i) => bareOpen(bare[i % MESSAGES]),
    (i) => cold.open(sealed[i % MESSAGES], context, NO_ROW),
    (i) => warm.open(sealed[i % MESSAGES], context, NO_ROW),
  ]);
  const row = (operation, [ours, floor]) =>
    console.log(
      `| ${size} | ${operation} | ${median(floor).toFixed(1)} | ${median(ours).toFixed(1)} | ${pairedRatio(ours, floor).toFixed(2)} |`,
    );
  row('seal', [results[1], results[0]]);
  row('open, cold', [results[3], results[2]]);
  row('open, warm', [results[4], results[2]]);
}
