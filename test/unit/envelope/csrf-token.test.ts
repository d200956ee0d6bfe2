import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeyRing } from '../../../lib/crypto/key-ring.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { decodeBase64url, encodeBase64url } from '../../../lib/envelope/base64url.js';
import { CsrfTokens } from '../../../lib/envelope/csrf-token.js';
import { countingBytes, knownRing, rawSecret, ringMaker, ringOf } from '../crypto/rings.js';
import { flipped } from './samples.js';

const NOW = 1_767_225_600;
const tokensOf = async (...fills: number[]) => new CsrfTokens({ ring: await ringOf(...fills) });

describe('CsrfTokens', () => {
  it('say when they made a token for the same seed, and nothing for another', async () => {
    const tokens = await tokensOf(1);
    const token = tokens.make('seed', NOW);
    expect(tokens.timeOf(token, 'seed')).toBe(NOW);
    expect(tokens.timeOf(tokens.make('seed', NOW + 1), 'seed')).toBe(NOW + 1);
    for (const other of ['', 'seeds', 'see', 'Seed']) expect(tokens.timeOf(token, other)).toBe(undefined);
  });

  it('make a new token at every call', async () => {
    const tokens = await tokensOf(1);
    expect(new Set(Array.from({ length: 100 }, () => tokens.make('seed', NOW))).size).toBe(100);
  });

  it('write the time, a nonce of 12 bytes, and HMAC-SHA-256 of both and the seed', async () => {
    const openssl = new OpensslDriver();
    const csrf = openssl.expand(
      openssl.importKey(countingBytes()),
      Buffer.from('session-crypto/v1/csrf\0default'),
      32,
    );
    const bytes = decodeBase64url(new CsrfTokens({ ring: await knownRing() }).make('seed', NOW))!;
    expect([bytes.length, bytes.readUInt32BE()]).toEqual([48, NOW]);
    expect(bytes.subarray(16)).toEqual(
      createHmac('sha256', csrf).update(bytes.subarray(0, 16)).update('seed').digest(),
    );
  });

  it('know a token of any key of the ring, and none of a dropped key', async () => {
    const token = (await tokensOf(1)).make('seed', NOW);
    expect((await tokensOf(2, 3, 1)).timeOf(token, 'seed')).toBe(NOW);
    expect((await tokensOf(2, 3)).timeOf(token, 'seed')).toBe(undefined);
    const revoked = await ringMaker().make([rawSecret(2), rawSecret(1, 'revoked')]);
    expect(new CsrfTokens({ ring: revoked }).timeOf(token, 'seed')).toBe(undefined);
  });

  it('know no token without a key, and are not made', async () => {
    const token = (await tokensOf(1)).make('seed', NOW);
    const tokens = new CsrfTokens({ ring: new KeyRing([], 1) });
    expect(tokens.timeOf(token, 'seed')).toBe(undefined);
    expect(() => tokens.make('seed', NOW)).toThrow(expect.objectContaining({ code: 'ERR_SESSION_CLOSED' }));
  });

  it('refuse every flipped bit, those of the time included, every truncation and extension', async () => {
    const tokens = await tokensOf(1, 2);
    const token = tokens.make('seed', NOW);
    const bytes = decodeBase64url(token)!;
    for (let bit = 0; bit < bytes.length * 8; bit++)
      expect(tokens.timeOf(encodeBase64url(flipped(bytes, bit)), 'seed')).toBe(undefined);
    for (let length = 0; length < token.length; length++)
      expect(tokens.timeOf(token.slice(0, length), 'seed')).toBe(undefined);
    for (const more of ['A', '=', ' ', 'AAAA', 'A'.repeat(1000)])
      expect(tokens.timeOf(token + more, 'seed')).toBe(undefined);
  });

  it.each([undefined, null, 5, '', [], {}, ['x'], 'x'.repeat(64), '+'.repeat(64)])(
    'refuse %j',
    async (token) => {
      expect((await tokensOf(1)).timeOf(token, 'seed')).toBe(undefined);
    },
  );
});
