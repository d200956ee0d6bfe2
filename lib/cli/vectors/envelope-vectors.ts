import { suiteByVersion, type Suite } from '../../crypto/suites.js';
import { encodeBase64url } from '../../envelope/base64url.js';
import { Envelope } from '../../envelope/envelope.js';
import { writeHeader } from '../../envelope/envelope-context.js';
import { deriveEpochKey, PREFIX_LENGTH } from '../../envelope/epoch-key.js';
import { encodePointer } from '../../persistence/successor-pointer.js';
import type { KnownRing } from './known-ring.js';
import { context, EPOCH, itemsOf, NONCE, NOW, ROW, rowOf } from './vector-inputs.js';
import type { ContextVector, EnvelopeVector, PointerVector } from './vectors.interface.js';

/** Seals a text as the package does, with the epoch and the nonce that everybody knows. Throws if the package does not open it. */
export async function envelopeVector(
  known: KnownRing,
  key: number,
  suite: Suite,
  one: ContextVector,
  plaintext: string,
): Promise<EnvelopeVector> {
  const { driver, ring } = known;
  const prefix = Buffer.alloc(PREFIX_LENGTH);
  writeHeader(prefix, suite.version, ring.first.hint);
  prefix.set(EPOCH, PREFIX_LENGTH - EPOCH.length);
  const derived = await deriveEpochKey(driver, suite, ring.first.subkeys[suite.subkey], prefix);
  const data = itemsOf(one).encode(prefix, rowOf(one));
  const body = await driver.seal(suite, derived.key, NONCE, Buffer.from(plaintext, 'hex'), data);
  const sealed = Buffer.concat([prefix, NONCE, derived.commitment, body]);
  await checkEnvelope(known, suite, one, sealed, plaintext);
  return {
    key,
    cipher: suite.cipher,
    version: suite.version,
    context: one,
    additionalData: data.toString('hex'),
    epoch: EPOCH.toString('hex'),
    nonce: NONCE.toString('hex'),
    commitment: derived.commitment.toString('hex'),
    plaintext,
    sealed: sealed.toString('hex'),
    text: encodeBase64url(sealed),
  };
}

/** Opens a vector as the application does. */
async function checkEnvelope(
  { driver, ring }: KnownRing,
  suite: Suite,
  one: ContextVector,
  sealed: Buffer,
  plaintext: string,
): Promise<void> {
  const envelope = new Envelope(driver, { ring }, { suite, accepted: [suite], cacheSize: 0 });
  const opened = await envelope.open(sealed, itemsOf(one), rowOf(one));
  if (typeof opened === 'string' || opened.plaintext.toString('hex') !== plaintext)
    throw new Error(`the vector of ${suite.cipher} does not open`);
}

const PURPOSES = ['successor', 'successor-asked', 'successor-login', 'successor-relogin'];

/** Returns the pointers from an old row to the next one, of each kind of move. */
export async function pointerVectors(ring: KnownRing): Promise<PointerVector[]> {
  const [token, movedAt] = [Buffer.alloc(32, 0x33), NOW];
  const vectors: PointerVector[] = [];
  for (const [i, purpose] of PURPOSES.entries()) {
    const subject = i ? '42' : '';
    const plaintext = encodePointer({ token, movedAt, subject: subject || undefined }).toString('hex');
    const one = context('postgres', 'session_crypto', { purpose, rowKey: ROW });
    const sealed = await envelopeVector(ring, 0, suiteByVersion.get(0x11)!, one, plaintext);
    vectors.push({ ...sealed, token: token.toString('hex'), movedAt, subject });
  }
  return vectors;
}
