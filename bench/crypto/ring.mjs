// Opening must not get dearer with the ring: the envelope names its key, so 100 keys cost what one costs.
import { context, envelopeOf, interleave, median, pairedRatio, plaintextOf, secret } from './_measure.mjs';
import { NO_ROW } from '../../dist/lib/envelope/envelope-context.js';

const LIMIT = 1.3;
const MESSAGES = 64;
const right = secret();
const many = [...Array.from({ length: 99 }, secret), right];

const sealer = await envelopeOf([right], 0);
const messages = Array.from({ length: MESSAGES }, () => sealer.seal(plaintextOf(300), context, NO_ROW));

const openWith = (envelope) => (i) => {
  if (typeof envelope.open(messages[i % MESSAGES], context, NO_ROW) === 'string') throw new Error('rejected');
};

console.log('| epoch | 1 key us | 100 keys us | ratio (paired median) |\n|---|---|---|---|');
for (const [name, cacheSize] of [
  ['unseen', 0],
  ['seen', 1000],
]) {
  const one = openWith(await envelopeOf([right], cacheSize));
  const hundred = openWith(await envelopeOf(many, cacheSize));
  const [ofOne, ofHundred] = interleave([one, hundred]);
  const ratio = pairedRatio(ofHundred, ofOne);
  console.log(
    `| ${name} | ${median(ofOne).toFixed(1)} | ${median(ofHundred).toFixed(1)} | ${ratio.toFixed(2)} |`,
  );
  if (ratio > LIMIT) process.exitCode = 1;
}
if (process.exitCode) console.error(`over ${LIMIT}: opening depends on the size of the ring`);
