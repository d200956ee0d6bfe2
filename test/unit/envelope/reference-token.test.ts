import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeyRing } from '../../../lib/crypto/key-ring.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { decodeBase64url, encodeBase64url } from '../../../lib/envelope/base64url.js';
import { NO_ROW } from '../../../lib/envelope/envelope-context.js';
import { REFERENCE_TOKEN_LENGTH, ReferenceTokens } from '../../../lib/envelope/reference-token.js';
import { countingBytes, knownRing, rawSecret, ringMaker, ringOf } from '../crypto/rings.js';
import { context, flipped } from './samples.js';

const postgres = (items = {}) => context({ store: 'postgres', ...items });
const tokensOf = async (fills: number[], items = {}) =>
  new ReferenceTokens({ ring: await ringOf(...fills) }, postgres(items));

describe('ReferenceTokens', () => {
  const token = Buffer.alloc(REFERENCE_TOKEN_LENGTH, 0x5a);

  it('reads what it wrote', async () => {
    const tokens = await tokensOf([1]);
    expect(tokens.read(tokens.write(token))).toEqual({ token, stale: false });
  });

  it('writes 0x81, hint, token and 16 bytes of HMAC-SHA-256: 53 bytes, 71 characters', async () => {
    const openssl = new OpensslDriver();
    const ref = openssl.expand(
      openssl.importKey(countingBytes()),
      Buffer.from('session-crypto/v1/ref\0default'),
      32,
    );
    const head = Buffer.from('8131b74615', 'hex');
    const mac = createHmac('sha256', ref).update(postgres().encode(head, NO_ROW)).update(token).digest();
    const text = new ReferenceTokens({ ring: await knownRing() }, postgres()).write(token);
    expect(text).toHaveLength(71);
    expect(decodeBase64url(text)).toEqual(Buffer.concat([head, token, mac.subarray(0, 16)]));
  });

  it('refuses every flipped bit', async () => {
    const tokens = await tokensOf([1, 2]);
    const bytes = decodeBase64url(tokens.write(token))!;
    for (let bit = 0; bit < bytes.length * 8; bit++)
      expect(tokens.read(encodeBase64url(flipped(bytes, bit))), `bit ${bit}`).toBeTypeOf('string');
  });

  it('refuses every truncation, extension and other spelling', async () => {
    const tokens = await tokensOf([1]);
    const text = tokens.write(token);
    for (let length = 0; length < text.length; length++)
      expect(tokens.read(text.slice(0, length))).toBe('length');
    for (const more of ['A', '=', ' ', '\n', 'AAAA']) expect(tokens.read(text + more)).toBe('length');
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const others = [...last].map((one) => text.slice(0, -1) + one).filter((other) => other !== text);
    for (const other of [...others, text.slice(0, -1) + '=', ` ${text.slice(1)}`])
      expect(tokens.read(other)).toBeTypeOf('string');
  });

  it('returns the reason of a refusal, for counters', async () => {
    const tokens = await tokensOf([1]);
    const bytes = decodeBase64url(tokens.write(token))!;
    const changed = (at: number) => tokens.read(encodeBase64url(flipped(bytes, at * 8)));
    expect([0, 1, 5, 37].map(changed)).toEqual(['version', 'unknown-key', 'tag', 'tag']);
    expect(tokens.read(`${tokens.write(token).slice(0, -1)}!`)).toBe('encoding');
  });

  it('refuses a token that nobody tagged', async () => {
    const tokens = await tokensOf([1]);
    const head = decodeBase64url(tokens.write(token))!.subarray(0, 5);
    for (let i = 0; i < 1000; i++)
      expect(
        tokens.read(
          encodeBase64url(
            Buffer.concat([head, ReferenceTokens.random(), ReferenceTokens.random().subarray(16)]),
          ),
        ),
      ).toBe('tag');
  });

  it.each([
    { purpose: 'other' },
    { store: 'memory' },
    { name: 'sid' },
    { tenant: 'a' },
    { audience: 'other.example' },
  ])('refuses a token of another context: %o', async (items) => {
    const text = (await tokensOf([1])).write(token);
    expect((await tokensOf([1], items)).read(text)).toBe('tag');
  });

  it('reports a token of an older or a retiring key as stale, and refuses one of a revoked key', async () => {
    const text = (await tokensOf([1])).write(token);
    expect((await tokensOf([2, 1])).read(text)).toEqual({ token, stale: true });
    expect((await tokensOf([1, 2])).read(text)).toEqual({ token, stale: false });
    expect((await tokensOf([2])).read(text)).toBe('unknown-key');
    const retiring = await ringMaker().make([rawSecret(1, 'retiring'), rawSecret(2)]);
    const tokens = new ReferenceTokens({ ring: retiring }, postgres());
    expect(tokens.read(text)).toEqual({ token, stale: true });
    expect(tokens.read(tokens.write(token))).toEqual({ token, stale: false });
    const revoked = await ringMaker().make([rawSecret(2), rawSecret(1, 'revoked')]);
    expect(new ReferenceTokens({ ring: revoked }, postgres()).read(text)).toBe('unknown-key');
  });

  it('refuses every token without a key, and writes none', async () => {
    const text = (await tokensOf([1])).write(token);
    const tokens = new ReferenceTokens({ ring: new KeyRing([], 1) }, postgres());
    expect(tokens.read(text)).toBe('unknown-key');
    expect(() => tokens.write(token)).toThrow(expect.objectContaining({ code: 'ERR_SESSION_CLOSED' }));
  });

  it('makes tokens of 32 random bytes, and row keys of their SHA-256', () => {
    expect(ReferenceTokens.random()).toHaveLength(32);
    expect(ReferenceTokens.random()).not.toEqual(ReferenceTokens.random());
    expect(ReferenceTokens.rowKey(token)).toEqual(createHash('sha256').update(token).digest());
  });
});
