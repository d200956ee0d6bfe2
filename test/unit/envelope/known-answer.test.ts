import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import type { KeyRing } from '../../../lib/crypto/key-ring.js';
import { SUITES, type Suite } from '../../../lib/crypto/suites.js';
import { decodeFrame, encodeFrame, type Frame } from '../../../lib/envelope/frame.js';
import { encodeBase64url } from '../../../lib/envelope/base64url.js';
import { ENVELOPE_OVERHEAD, type Opened } from '../../../lib/envelope/envelope.js';
import { NO_ROW, writeHeader } from '../../../lib/envelope/envelope-context.js';
import { deriveEpochKey, type EpochKey } from '../../../lib/envelope/epoch-key.js';
import { decodeRecord } from '../../../lib/record/session-record.js';
import { knownRing } from '../crypto/rings.js';
import { context, envelopeOf } from './samples.js';

/** SHA-256 of the envelopes; a second implementation in Python (cryptography 48) gave the same bytes. */
const SHA_256: Readonly<Record<string, string>> = {
  aes256: '9229fbdfc1db351cf0c62a6c973665097266561eea5aa4f4ce13593577d193d7',
  chacha20: '518b5b99f870c4866e04227f5f49519080f414609a388367735d5ceaf0270802',
  aes128: 'b5a0c2c0106d3e933034c53aaf5db64a0a41fb885e1b186d16032d57d470f895',
};
const EPOCH = Buffer.alloc(12, 0x11);
const NONCE = Buffer.alloc(12, 0x22);
const FRAME: Frame = {
  id: Buffer.alloc(16, 0xab),
  idIssuedAt: 1767225600,
  lastSeenAt: 1767225600,
  deadline: 1767268800,
  idleTimeout: 1800,
  authenticatedAt: 1767225600,
  generation: 1,
  epoch: 0,
};

/** Seals as Envelope.seal does, with a known epoch and nonce. */
function sealKnown(ring: KeyRing, suite: Suite, plaintext: Buffer): Buffer {
  const driver = new OpensslDriver();
  const prefix = Buffer.concat([Buffer.alloc(5), EPOCH]);
  writeHeader(prefix, suite.version, ring.first.hint);
  const made = deriveEpochKey(driver, suite, ring.first.subkeys[suite.subkey], prefix) as EpochKey;
  const body = driver.seal(suite, made.key as never, NONCE, plaintext, context().encode(prefix, NO_ROW));
  return Buffer.concat([prefix, NONCE, made.commitment, body]);
}

describe.each(SUITES)('The known answer of $cipher', (suite) => {
  it('is the result of our parts, byte for byte', async () => {
    const sealed = sealKnown(await knownRing(), suite, encodeFrame(FRAME, '{"u":42}'));
    expect(sealed.subarray(1, 5).toString('hex')).toBe('31b74615');
    expect(sealed).toHaveLength(133);
    expect(encodeBase64url(sealed)).toHaveLength(178);
    expect(createHash('sha256').update(sealed).digest('hex')).toBe(SHA_256[suite.cipher]);
  });

  it('opens', async () => {
    const ring = await knownRing();
    const sealed = sealKnown(ring, suite, encodeFrame(FRAME, '{"u":42}'));
    const envelope = envelopeOf({ ring }, { suite });
    const { plaintext, stale } = envelope.open(sealed, context(), NO_ROW) as Opened;
    expect(stale).toBe(false);
    expect(decodeFrame(plaintext)).toEqual({ frame: FRAME, payload: Buffer.from('{"u":42}') });
    expect(decodeRecord(plaintext, 100)).toMatchObject({ ...FRAME, subject: '42', data: {} });
  });
});

describe('An envelope', () => {
  it('has 77 bytes around the plaintext', () => {
    expect(ENVELOPE_OVERHEAD).toBe(77);
  });
});
