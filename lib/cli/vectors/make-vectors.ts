import { createHmac } from 'node:crypto';
import { SUITES } from '../../crypto/suites.js';
import { encodeBase64url } from '../../envelope/base64url.js';
import { CsrfTokens } from '../../envelope/csrf-token.js';
import { ReferenceTokens } from '../../envelope/reference-token.js';
import { envelopeVector, pointerVectors } from './envelope-vectors.js';
import { frameVectors } from './frame-vectors.js';
import { knownRing, passphraseVectors, type KnownRing } from './known-ring.js';
import { refusedVectors } from './refused-vectors.js';
import { context, CONTEXTS, itemsOf, NONCE, NOW, ROW, TOKEN } from './vector-inputs.js';
import type { CsrfVector, EnvelopeVector, ReferenceVector, Vectors } from './vectors.interface.js';

/** Returns known answers, made by this package's own code with keys, epochs and nonces that everybody knows. Throws if the code
 *  does not open what it has made. */
export async function makeVectors(): Promise<Vectors> {
  const rings = [await knownRing('default', 0), await knownRing('staff', 0x40)];
  const frames = frameVectors();
  const [first] = rings as [KnownRing, KnownRing];
  const envelopes: EnvelopeVector[] = [];
  for (const [key, ring] of rings.entries())
    for (const suite of SUITES)
      for (const [i, one] of CONTEXTS.entries())
        envelopes.push(await envelopeVector(ring, key, suite, one, frames[i % frames.length]!.plaintext));
  return {
    format: 'nestjs-session-crypto/v2',
    page: 'docs/wire-format.md',
    keys: rings.map(({ vector }) => vector),
    passphrases: await passphraseVectors(),
    frames,
    envelopes,
    references: rings.flatMap((ring, key) => referenceVectors(ring, key)),
    pointers: await pointerVectors(first),
    csrfTokens: rings.map((ring, key) => csrfVector(ring, key)),
    refused: refusedVectors(envelopes[0]!, referenceVectors(first, 0)[0]!),
  };
}

function referenceVectors({ ring }: KnownRing, key: number): ReferenceVector[] {
  return [
    context('postgres', '__Host-sid'),
    context('redis', 'sid', { audience: '', tenant: 'a tenant' }),
  ].map((one) => {
    const tokens = new ReferenceTokens({ ring }, itemsOf(one));
    return { key, context: one, token: TOKEN.toString('hex'), rowKey: ROW, text: tokens.write(TOKEN) };
  });
}

/** The package draws its nonces, so this token is put together, and the package then reads it. */
function csrfVector({ ring }: KnownRing, key: number): CsrfVector {
  const seed = 'the seed of a session';
  const prefix = Buffer.alloc(16);
  prefix.writeUInt32BE(NOW);
  prefix.set(NONCE, 4);
  const mac = createHmac('sha256', ring.first.csrf).update(prefix).update(seed).digest();
  const text = encodeBase64url(Buffer.concat([prefix, mac]));
  if (new CsrfTokens({ ring }).timeOf(text, seed) !== NOW) throw new Error('the CSRF token is not read');
  return { key, seed, time: NOW, nonce: NONCE.toString('hex'), text };
}
