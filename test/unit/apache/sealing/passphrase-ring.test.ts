import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { PassphraseKey } from '../../../../lib/apache/sealing/passphrase-key.js';
import { PassphraseRingMaker } from '../../../../lib/apache/sealing/passphrase-ring.js';
import type { Secret } from '../../../../lib/crypto/secret.js';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';

/** What becomes of PBKDF2 and MD5, counted and broken on demand. */
const openssl = vi.hoisted(() => ({
  underWay: 0,
  most: 0,
  passwords: [] as Buffer[],
  md5: true,
  pbkdf2: true,
}));

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const pbkdf2: typeof crypto.pbkdf2 = (password, salt, iterations, length, digest, callback) => {
    openssl.passwords.push(password as Buffer);
    openssl.most = Math.max(openssl.most, ++openssl.underWay);
    crypto.pbkdf2(password, salt, iterations, length, digest, (error, key) => {
      openssl.underWay--;
      callback(openssl.pbkdf2 ? error : new Error('no memory'), key);
    });
  };
  const createHash: typeof crypto.createHash = (algorithm, options) => {
    if (algorithm === 'md5' && !openssl.md5) throw new Error('unsupported');
    return crypto.createHash(algorithm, options);
  };
  return { ...crypto, pbkdf2, createHash };
});

const secret = (text: string, state?: Secret['state']): Secret => ({
  kind: 'passphrase',
  bytes: Buffer.from(text),
  ...(state && { state }),
});
const maker = () => new PassphraseRingMaker('crypto.secrets');
const salt = (fill: number) => Buffer.alloc(16, fill);

describe('PassphraseKey', () => {
  it('derives the key that httpd derived', async () => {
    const key = new PassphraseKey(1, Buffer.from('secret'));
    const derived = await key.derive(Buffer.from('a5444b91678c4fe1b8a0176fdc746417', 'hex'), 32);
    expect(derived.toString('hex')).toBe('161f229459fdcf7ddc5d3b0f5885758668cf4d123d9fd78b1d6593f67200355a');
  });

  it('has two derivations under way at most, so that threads stay free', async () => {
    openssl.most = 0;
    const keys = [new PassphraseKey(1, Buffer.from('a')), new PassphraseKey(2, Buffer.from('b'))];
    const derived = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((fill) => keys[fill % 2]!.derive(salt(fill), 16)),
    );
    expect(new Set(derived.map((key) => key.toString('hex'))).size).toBe(6);
    expect(openssl.most).toBe(2);
  });

  it('wipes the passphrase that a derivation was given, also when that fails', async () => {
    const key = new PassphraseKey(1, Buffer.from('a passphrase'));
    openssl.passwords = [];
    await key.derive(salt(1), 16);
    openssl.pbkdf2 = false;
    await expect(key.derive(salt(2), 16)).rejects.toThrow('no memory');
    openssl.pbkdf2 = true;
    expect(openssl.passwords).toEqual([Buffer.alloc(12), Buffer.alloc(12)]);
    await key.derive(salt(2), 16);
  });

  it('keeps its own copy of the passphrase', async () => {
    const bytes = Buffer.from('secret');
    const key = new PassphraseKey(1, bytes);
    bytes.fill(0);
    const other = new PassphraseKey(2, Buffer.from('secret'));
    expect((await key.derive(salt(1), 16)).equals(await other.derive(salt(1), 16))).toBe(true);
  });
});

describe('PassphraseRingMaker', () => {
  it('makes a ring in the order of the passphrases, of any length', async () => {
    const ring = await maker().make([secret('x'), secret('y'.repeat(300))]);
    expect(ring.keys.map(({ index }) => index)).toEqual([0, 1]);
    expect(ring.first).toBe(ring.keys[0]!.key);
  });

  it('puts a retiring passphrase behind those that may seal', async () => {
    const making = maker();
    const before = await making.make([secret('a'), secret('b')]);
    const after = await making.make([secret('a', 'retiring'), secret('b')]);
    expect(after.keys.map(({ key }) => key)).toEqual(before.keys.map(({ key }) => key).toReversed());
    expect(after.keys.map(({ index }) => index)).toEqual([0, 1]);
  });

  it('refuses a ring of retiring passphrases, none of which may seal', async () => {
    const making = maker().make([secret('a', 'retiring')]);
    await expect(making).rejects.toThrow(/crypto\.secrets: every secret that the sources gave is retiring/);
  });

  it('keeps the key of a passphrase that stays, wherever it moves', async () => {
    const making = maker();
    const before = await making.make([secret('a'), secret('b')]);
    const after = await making.make([secret('c'), secret('b'), secret('a')]);
    expect(after.keys[2]!.key).toBe(before.keys[0]!.key);
    expect(after.keys[1]!.key).toBe(before.keys[1]!.key);
    expect(after.generation).toBeGreaterThan(before.generation);
  });

  it('does not keep the key of one that has gone', async () => {
    const making = maker();
    const before = await making.make([secret('a')]);
    await making.make([secret('b')]);
    expect((await making.make([secret('a')])).first).not.toBe(before.first);
  });

  it('leaves out what is revoked', async () => {
    const ring = await maker().make([secret('a'), secret('b'), secret('a', 'revoked')]);
    expect(ring.keys).toHaveLength(1);
  });

  it('wipes what it was given, also when it refuses it', async () => {
    const [good, bad] = [[secret('a')], [secret('b'), secret('')]];
    await maker().make(good);
    await expect(maker().make(bad)).rejects.toThrow(/empty passphrase/);
    expect([...good, ...bad].map(({ bytes }) => bytes.every((byte) => !byte))).toEqual([true, true, true]);
  });

  it.each([
    { what: 'no passphrase', secrets: () => [] },
    { what: 'nothing but revoked ones', secrets: () => [secret('a', 'revoked')] },
  ])('refuses $what', async ({ secrets }) => {
    await expect(maker().make(secrets())).rejects.toThrow(/at least one is needed/);
  });

  it('says that there is no MD5', async () => {
    openssl.md5 = false;
    try {
      const making = maker().make([secret('a passphrase')]);
      await expect(making).rejects.toThrow(SessionConfigError);
      await expect(making).rejects.toThrow(/crypto\.secrets: needs MD5.*FIPS/);
    } finally {
      openssl.md5 = true;
    }
  });

  it('shows nothing of a ring', async () => {
    const ring = await maker().make([secret('a passphrase')]);
    expect(inspect(ring, { depth: 9, showHidden: true })).toBe('PassphraseRing { keys: 1, generation: 1 }');
    expect(JSON.stringify(ring)).toBe('{"keys":1,"generation":1}');
    expect(inspect(ring.first, { depth: 9, showHidden: true })).toBe('PassphraseKey { id: 1 }');
    expect(JSON.stringify(ring.first)).toBe('{"id":1}');
  });
});
