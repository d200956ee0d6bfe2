import { createHmac } from 'node:crypto';
import { SUITES, suiteByVersion, type Suite } from '../../crypto/suites.js';
import { encodeBase64url } from '../../envelope/base64url.js';
import { CsrfTokens } from '../../envelope/csrf-token.js';
import { Envelope } from '../../envelope/envelope.js';
import { EnvelopeContext, writeHeader } from '../../envelope/envelope-context.js';
import { deriveEpochKey, PREFIX_LENGTH } from '../../envelope/epoch-key.js';
import { encodeFrame } from '../../envelope/frame.js';
import { ReferenceTokens } from '../../envelope/reference-token.js';
import { encodePointer } from '../../persistence/successor-pointer.js';
import { knownRing, passphraseVectors, type KnownRing } from './known-ring.js';
import type {
  ContextVector,
  CsrfVector,
  EnvelopeVector,
  FrameVector,
  PointerVector,
  ReferenceVector,
  RefusedVector,
  Vectors,
} from './vectors.interface.js';

const NOW = 1_767_225_600;
const EPOCH = Buffer.alloc(12, 0x11);
const NONCE = Buffer.alloc(12, 0x22);
const TOKEN = Buffer.alloc(32, 0x22);
const ROW = ReferenceTokens.rowKey(TOKEN).toString('hex');

const context = (store: string, name: string, others: Partial<ContextVector> = {}): ContextVector => ({
  purpose: 'session',
  store,
  name,
  tenant: '',
  audience: 'app.example',
  rowKey: '',
  ...others,
});

const CONTEXTS: readonly ContextVector[] = [
  context('cookie', '__Host-sid'),
  context('cookie', 'sid', { tenant: 'a tenant', audience: '' }),
  context('postgres', 'session_crypto', { rowKey: ROW }),
  context('sealer', 'приглашение', { purpose: 'invitation' }),
];

/** Returns known answers, made by this package's own code with keys, epochs and nonces that everybody knows. Throws if the code
 *  does not open what it has made. */
export async function makeVectors(): Promise<Vectors> {
  const rings = [await knownRing('default', 0), await knownRing('staff', 0x40)];
  const frames = FRAMES.map(frameVector);
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

const FRAMES: readonly Omit<FrameVector, 'plaintext'>[] = [
  frame('{"u":42}', { deadline: NOW + 43_200, idleTimeout: 1800, authenticatedAt: NOW, generation: 1 }),
  frame('{"u":"алиса","d":{"cart":[1,2,{"a":null}]},"f":{"note":"once"},"s":"a seed","c":1767220000}', {
    lastSeenAt: NOW + 60,
    idleTimeout: 1440,
  }),
  frame('{}', {}),
];

function frame(payload: string, others: Partial<FrameVector>): Omit<FrameVector, 'plaintext'> {
  return {
    id: 'ab'.repeat(16),
    idIssuedAt: NOW,
    lastSeenAt: NOW,
    deadline: 0,
    idleTimeout: 0,
    authenticatedAt: 0,
    generation: 0,
    payload,
    ...others,
  };
}

function frameVector(one: Omit<FrameVector, 'plaintext'>): FrameVector {
  const bytes = encodeFrame({ ...one, id: Buffer.from(one.id, 'hex'), epoch: 0 }, one.payload);
  return { ...one, plaintext: bytes.toString('hex') };
}

const itemsOf = (one: ContextVector): EnvelopeContext => new EnvelopeContext(one);
const rowOf = ({ rowKey }: ContextVector): Buffer => Buffer.from(rowKey, 'hex');

async function envelopeVector(
  { driver, ring }: KnownRing,
  key: number,
  suite: Suite,
  one: ContextVector,
  plaintext: string,
): Promise<EnvelopeVector> {
  const prefix = Buffer.alloc(PREFIX_LENGTH);
  writeHeader(prefix, suite.version, ring.first.hint);
  prefix.set(EPOCH, PREFIX_LENGTH - EPOCH.length);
  const derived = await deriveEpochKey(driver, suite, ring.first.subkeys[suite.subkey], prefix);
  const data = itemsOf(one).encode(prefix, rowOf(one));
  const body = await driver.seal(suite, derived.key, NONCE, Buffer.from(plaintext, 'hex'), data);
  const sealed = Buffer.concat([prefix, NONCE, derived.commitment, body]);
  await checkEnvelope({ driver, ring } as KnownRing, suite, one, sealed, plaintext);
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

function referenceVectors({ ring }: KnownRing, key: number): ReferenceVector[] {
  return [
    context('postgres', '__Host-sid'),
    context('redis', 'sid', { audience: '', tenant: 'a tenant' }),
  ].map((one) => {
    const tokens = new ReferenceTokens({ ring }, itemsOf(one));
    return { key, context: one, token: TOKEN.toString('hex'), rowKey: ROW, text: tokens.write(TOKEN) };
  });
}

const PURPOSES = ['successor', 'successor-asked', 'successor-login', 'successor-relogin'];

async function pointerVectors(ring: KnownRing): Promise<PointerVector[]> {
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

/** Values beside the first envelope and the first reference that nobody may open. */
function refusedVectors(envelope: EnvelopeVector, reference: ReferenceVector): RefusedVector[] {
  const bytes = Buffer.from(envelope.sealed, 'hex');
  const changed = (at: number, by = 1) => {
    const copy = Buffer.from(bytes);
    copy[at]! ^= by;
    return encodeBase64url(copy);
  };
  const ofEnvelope = (what: string, text: string, reason: string, others: Partial<ContextVector> = {}) => ({
    what,
    kind: 'envelope' as const,
    context: { ...envelope.context, ...others },
    text,
    reason,
  });
  const { text } = envelope;
  return [
    ofEnvelope('another first byte', changed(0, 0x10), 'version'),
    ofEnvelope('another key hint', changed(1), 'unknown-key'),
    ofEnvelope('another epoch', changed(5), 'commitment'),
    ofEnvelope('another nonce', changed(17), 'tag'),
    ofEnvelope('another commitment', changed(29), 'commitment'),
    ofEnvelope('another byte of the ciphertext', changed(61), 'tag'),
    ofEnvelope('another tag', changed(bytes.length - 1), 'tag'),
    ofEnvelope('the end cut off', encodeBase64url(bytes.subarray(0, -1)), 'tag'),
    ofEnvelope('half a cookie', encodeBase64url(bytes.subarray(0, 60)), 'length'),
    ofEnvelope('padding of base64', `${text}==`, 'encoding'),
    ofEnvelope('another cookie', text, 'tag', { name: 'sid' }),
    ofEnvelope('another audience', text, 'tag', { audience: '' }),
    ofEnvelope('another tenant', text, 'tag', { tenant: 'app.example', audience: '' }),
    ofEnvelope('another purpose', text, 'tag', { purpose: 'successor' }),
    ofEnvelope('a row', text, 'tag', { rowKey: ROW }),
    {
      what: 'a reference of another cookie',
      kind: 'reference',
      context: { ...reference.context, name: 'sid' },
      text: reference.text,
      reason: 'tag',
    },
  ];
}
