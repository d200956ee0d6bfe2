import { createHmac, randomBytes } from 'node:crypto';
import wrappers from 'libsodium-wrappers';
import { beforeAll, describe, expect, it } from 'vitest';
import { SODIUM } from '../../../../../lib/crypto/drivers/sodium/sodium.row.js';
import type { SodiumDriver } from '../../../../../lib/crypto/drivers/sodium/sodium.driver.js';
import type { SodiumModule } from '../../../../../lib/crypto/drivers/sodium/wasm-library.js';
import { OpensslDriver } from '../../../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { suiteByCipher } from '../../../../../lib/crypto/suites.js';
import { bytesOf, wycheproof } from '../../../../vectors/wycheproof.js';

const chacha20 = suiteByCipher.get('chacha20')!;
const openssl = new OpensslDriver();
const open = async (library: string) => (await SODIUM.open({ library }, 'crypto.driver')) as SodiumDriver;

describe.each(['wasm', 'native'])('SodiumDriver (%s)', (library) => {
  let driver: SodiumDriver;
  beforeAll(async () => {
    driver = await open(library);
  });

  it('seals and opens 45 vectors of Wycheproof', () => {
    const vectors = wycheproof('chacha20_poly1305')
      .filter((group) => group.keySize === 256 && group.ivSize === 96 && group.tagSize === 128)
      .flatMap((group) => group.tests)
      .filter((vector) => vector.aad === '');
    for (const vector of vectors) {
      const [key, nonce] = [driver.importKey(bytesOf(vector, 'key')), bytesOf(vector, 'iv')];
      const sealed = `${String(vector.ct)}${String(vector.tag)}`;
      expect(driver.seal(chacha20, key, nonce, bytesOf(vector, 'msg')).toString('hex')).toBe(sealed);
      expect(driver.open(chacha20, key, nonce, Buffer.from(sealed, 'hex'))?.toString('hex')).toBe(vector.msg);
    }
    expect(vectors).toHaveLength(45);
  });

  it('expands 80 vectors of HKDF-SHA-512 as Wycheproof does, and refuses 3 lengths that are too large', () => {
    const run = { valid: 0, invalid: 0 };
    for (const vector of wycheproof('hkdf_sha512').flatMap((group) => group.tests)) {
      const salt = bytesOf(vector, 'salt');
      const extracted = createHmac('sha512', salt.length ? salt : Buffer.alloc(64))
        .update(bytesOf(vector, 'ikm'))
        .digest();
      const expand = () =>
        driver.expand(driver.importKey(extracted), bytesOf(vector, 'info'), Number(vector.size));
      run[vector.result]++;
      if (vector.result === 'invalid') expect(expand).toThrow(RangeError);
      else expect(expand().toString('hex'), `tcId ${vector.tcId}`).toBe(vector.okm);
    }
    expect(run).toEqual({ valid: 80, invalid: 3 });
  });

  it.each([15, 65])('refuses a key of %i bytes', (length) => {
    expect(() => driver.importKey(Buffer.alloc(length))).toThrow(`${length} bytes; 16 to 64 are allowed`);
  });

  it('refuses keys, nonces and suites that libsodium would read wrongly', () => {
    const [short, key, nonce] = [
      driver.importKey(Buffer.alloc(16)),
      driver.importKey(Buffer.alloc(32)),
      Buffer.alloc(12),
    ];
    const text = Buffer.alloc(20);
    for (const act of ['seal', 'open'] as const) {
      expect(() => driver[act](chacha20, short, nonce, text)).toThrow('a key of 32 bytes');
      expect(() => driver[act](chacha20, key, nonce.subarray(1), text)).toThrow('a nonce of 12');
      expect(() => driver[act](suiteByCipher.get('aes256')!, key, nonce, text)).toThrow('has no aes256');
    }
  });
});

describe('The memory of libsodium as WebAssembly', () => {
  let libsodium: SodiumModule;
  /** Eight bytes of a secret, anywhere in the memory, are searched for. */
  const isIn = (secret: Uint8Array) => {
    const memory = Buffer.from(libsodium.HEAPU8.buffer);
    const starts = Array.from({ length: Math.min(secret.length, 512) >> 3 }, (_, i) => 8 * i);
    const pieces = [...starts, Math.max(0, secret.length - 8)].map((at) => secret.subarray(at, at + 8));
    return pieces.some((piece) => piece.length > 3 && memory.indexOf(piece) >= 0);
  };
  let driver: SodiumDriver;
  beforeAll(async () => {
    driver = await open('wasm');
    await wrappers.ready;
    // Only `ready` sets it.
    ({ libsodium } = wrappers as typeof wrappers & { readonly libsodium: SodiumModule });
  });

  it('is searched rightly: an exposed secret would be found', () => {
    const bytes = randomBytes(32);
    const at = libsodium._malloc(32);
    libsodium.HEAPU8.set(bytes, at);
    expect(isIn(bytes)).toBe(true);
    libsodium.HEAPU8.fill(0, at, at + 32);
    libsodium._free(at);
    expect(isIn(bytes)).toBe(false);
  });

  it.each([4, 20, 63, 64, 65, 127, 500, 16_383, 16_384, 2 ** 20])(
    'holds neither key nor text of %i bytes after use',
    (length) => {
      const [bytes, nonce, text] = [randomBytes(32), randomBytes(12), randomBytes(length)];
      const key = driver.importKey(bytes);
      const sealed = driver.seal(chacha20, key, nonce, text);
      expect([isIn(bytes), isIn(text)]).toEqual([false, false]);
      driver.open(chacha20, key, nonce, sealed);
      expect([isIn(bytes), isIn(text)]).toEqual([false, false]);
    },
  );

  it('holds neither key nor text after a forged tag', () => {
    const [bytes, nonce, text] = [randomBytes(32), randomBytes(12), randomBytes(500)];
    const key = driver.importKey(bytes);
    const sealed = driver.seal(chacha20, key, nonce, text);
    sealed[sealed.length - 1]! ^= 1;
    expect(driver.open(chacha20, key, nonce, sealed)).toBeUndefined();
    expect([isIn(bytes), isIn(text)]).toEqual([false, false]);
  });

  it.each([76, 255 * 64])(
    'holds neither key, padded keys nor output of %i bytes after an expansion',
    (length) => {
      const bytes = randomBytes(64);
      const output = driver.expand(driver.importKey(bytes), Buffer.from('info'), length);
      const padded = [0x36, 0x5c].map((pad) => bytes.map((byte) => byte ^ pad));
      expect([bytes, output, ...padded].map(isIn)).toEqual([false, false, false, false]);
    },
  );

  it('may grow during a message, and earlier and later calls are right', () => {
    const before = libsodium.HEAPU8.length;
    const [bytes, nonce, text] = [randomBytes(32), randomBytes(12), randomBytes(2 * before)];
    const key = driver.importKey(bytes);
    const sealed = driver.seal(chacha20, key, nonce, text);
    expect(libsodium.HEAPU8.length).toBeGreaterThan(before);
    expect(sealed.equals(openssl.seal(chacha20, openssl.importKey(bytes), nonce, text))).toBe(true);
    expect(driver.open(chacha20, key, nonce, sealed)?.equals(text)).toBe(true);
    expect([isIn(bytes), isIn(text)]).toEqual([false, false]);
  });

  it('is freed: a hundred messages of 1 MiB need no more than one', () => {
    const [key, nonce, text] = [driver.importKey(randomBytes(32)), randomBytes(12), Buffer.alloc(2 ** 20)];
    driver.seal(chacha20, key, nonce, text);
    const before = libsodium.HEAPU8.length;
    for (let i = 0; i < 100; i++) driver.seal(chacha20, key, nonce, text.subarray(i));
    expect(libsodium.HEAPU8.length).toBe(before);
  });
});
