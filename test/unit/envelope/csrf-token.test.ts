import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { decodeBase64url, encodeBase64url } from '../../../lib/envelope/base64url.js';
import { CsrfTokens } from '../../../lib/envelope/csrf-token.js';
import { countingBytes, knownRing, rawSecret, ringMaker, ringOf } from '../crypto/rings.js';
import { flipped } from './samples.js';

const tokensOf = async (...fills: number[]) => new CsrfTokens({ ring: await ringOf(...fills) });

describe('CsrfTokens', () => {
  it('verifies what it made for the same seed, and for no other', async () => {
    const tokens = await tokensOf(1);
    const token = tokens.make('seed');
    expect(tokens.verify(token, 'seed')).toBe(true);
    for (const other of ['', 'seeds', 'see', 'Seed']) expect(tokens.verify(token, other)).toBe(false);
  });

  it('makes a new token at every call', async () => {
    const tokens = await tokensOf(1);
    expect(new Set(Array.from({ length: 100 }, () => tokens.make('seed'))).size).toBe(100);
  });

  it('writes a nonce of 16 bytes and HMAC-SHA-256 of nonce and seed', async () => {
    const openssl = new OpensslDriver();
    const csrf = openssl.expand(
      openssl.importKey(countingBytes()),
      Buffer.from('session-crypto/v1/csrf\0default'),
      32,
    );
    const bytes = decodeBase64url(new CsrfTokens({ ring: await knownRing() }).make('seed'))!;
    expect(bytes).toHaveLength(48);
    expect(bytes.subarray(16)).toEqual(
      createHmac('sha256', csrf).update(bytes.subarray(0, 16)).update('seed').digest(),
    );
  });

  it('verifies with any key of the ring, and not with a dropped key', async () => {
    const token = (await tokensOf(1)).make('seed');
    expect((await tokensOf(2, 3, 1)).verify(token, 'seed')).toBe(true);
    expect((await tokensOf(2, 3)).verify(token, 'seed')).toBe(false);
    const revoked = await ringMaker().make([rawSecret(2), rawSecret(1, 'revoked')]);
    expect(new CsrfTokens({ ring: revoked }).verify(token, 'seed')).toBe(false);
  });

  it('refuses every flipped bit, truncation and extension', async () => {
    const tokens = await tokensOf(1, 2);
    const token = tokens.make('seed');
    const bytes = decodeBase64url(token)!;
    for (let bit = 0; bit < bytes.length * 8; bit++)
      expect(tokens.verify(encodeBase64url(flipped(bytes, bit)), 'seed')).toBe(false);
    for (let length = 0; length < token.length; length++)
      expect(tokens.verify(token.slice(0, length), 'seed')).toBe(false);
    for (const more of ['A', '=', ' ', 'AAAA', 'A'.repeat(1000)])
      expect(tokens.verify(token + more, 'seed')).toBe(false);
  });

  it.each([undefined, null, 5, '', [], {}, ['x'], 'x'.repeat(64), '+'.repeat(64)])(
    'refuses %j',
    async (token) => {
      expect((await tokensOf(1)).verify(token, 'seed')).toBe(false);
    },
  );
});
