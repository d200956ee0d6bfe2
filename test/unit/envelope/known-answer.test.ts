import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import type { KeyRing } from '../../../lib/crypto/key-ring.js';
import { sealChunks } from '../../../lib/envelope/chunks.js';
import { header } from '../../../lib/envelope/envelope.js';
import { decodeFrame, encodeFrame, type Frame } from '../../../lib/envelope/frame.js';
import { encodeBase64url } from '../../../lib/envelope/base64url.js';
import { ENVELOPE_OVERHEAD, type Opened } from '../../../lib/envelope/envelope.js';
import { NO_ROW } from '../../../lib/envelope/envelope-context.js';
import { deriveMessageKey, type MessageKey } from '../../../lib/envelope/message-key.js';
import { decodeRecord } from '../../../lib/record/session-record.js';
import { knownRing } from '../crypto/rings.js';
import { context, envelopeOf, suiteOf } from './samples.js';

/** security.md 4.10; a second implementation in Python (cryptography 48) gave the same bytes. */
const SHA_256 = '7d8240446c65df7cdc9aec099a12100563705e9cca359ef6d2465676d106a1a1';
const SALT = Buffer.alloc(24, 0x11);
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

/** Seals as Envelope.seal does, with a known salt. */
function sealWithKnownSalt(ring: KeyRing, plaintext: Buffer): Buffer {
  const [driver, suite] = [new OpensslDriver(), suiteOf('aes256')];
  const head = header(suite.version, ring.first.hint);
  const encoded = context().encode(head, NO_ROW);
  const key = deriveMessageKey(driver, suite, ring.first.subkeys.seal, SALT, encoded) as MessageKey;
  return Buffer.concat([head, SALT, key.commitment, sealChunks(driver, suite, key, plaintext) as Buffer]);
}

describe('The known answer', () => {
  it('is the result of our parts, byte for byte', async () => {
    const sealed = sealWithKnownSalt(await knownRing(), encodeFrame(FRAME, '{"u":42}'));
    expect(sealed.subarray(1, 5).toString('hex')).toBe('31b74615');
    expect(sealed).toHaveLength(133);
    expect(encodeBase64url(sealed)).toHaveLength(178);
    expect(createHash('sha256').update(sealed).digest('hex')).toBe(SHA_256);
  });

  it('opens', async () => {
    const ring = await knownRing();
    const sealed = sealWithKnownSalt(ring, encodeFrame(FRAME, '{"u":42}'));
    const { plaintext, stale } = envelopeOf({ ring }).open(sealed, context(), NO_ROW) as Opened;
    expect(stale).toBe(false);
    expect(decodeFrame(plaintext)).toEqual({ frame: FRAME, payload: Buffer.from('{"u":42}') });
    expect(decodeRecord(plaintext, 100)).toMatchObject({ ...FRAME, subject: '42', data: {} });
  });

  it('costs 77 bytes around the plaintext', () => {
    expect(ENVELOPE_OVERHEAD).toBe(77);
  });
});
