import { describe, expect, it } from 'vitest';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { selfTest } from '../../../lib/crypto/self-test.js';
import { SUITES, suiteByCipher } from '../../../lib/crypto/suites.js';
import type { CryptoDriver } from '../../../lib/crypto/crypto-driver.interface.js';

const aes256 = suiteByCipher.get('aes256')!;
const openssl = new OpensslDriver();

/** OpenSSL with some results replaced. */
const driverWith = (wrong: Partial<CryptoDriver>): CryptoDriver => ({
  name: 'wrong',
  ciphers: openssl.ciphers,
  importKey: (bytes) => openssl.importKey(bytes),
  expand: (key, info, length) => openssl.expand(key as never, info, length),
  seal: (suite, key, ...rest) => openssl.seal(suite, key as never, ...rest),
  open: (suite, key, ...rest) => openssl.open(suite, key as never, ...rest),
  ...wrong,
});

describe('selfTest', () => {
  it.each(SUITES)('finds nothing wrong with OpenSSL and $cipher', async (suite) => {
    expect(await selfTest(openssl, suite)).toBeUndefined();
  });

  it('accepts results by promise', async () => {
    const later = driverWith({
      expand: async (key, info, length) => openssl.expand(key as never, info, length),
    });
    expect(await selfTest(later, aes256)).toBeUndefined();
  });

  it.each([
    { what: 'a wrong expansion', wrong: { expand: () => Buffer.alloc(76) }, says: /Expand/ },
    {
      what: 'an expansion that is too short',
      wrong: { expand: (key: never, info: Uint8Array) => openssl.expand(key, info, 32) },
      says: /Expand/,
    },
    { what: 'a wrong ciphertext', wrong: { seal: () => Buffer.alloc(32) }, says: /seals wrongly/ },
    { what: 'a wrong plaintext', wrong: { open: () => Buffer.alloc(16) }, says: /opens wrongly/ },
    { what: 'no plaintext', wrong: { open: () => undefined }, says: /opens wrongly/ },
    {
      what: 'a plaintext for a forged tag',
      wrong: { open: () => Buffer.from('549b365af913f3b081131ccb6b825588', 'hex') },
      says: /opens a forged tag/,
    },
    {
      what: 'additional data that is left out',
      wrong: {
        seal: (...[suite, key, nonce, text]: Parameters<typeof openssl.seal>) =>
          openssl.seal(suite, key, nonce, text),
      },
      says: /seals wrongly/,
    },
    {
      what: 'additional data that is not checked',
      wrong: {
        open: (...[suite, key, nonce, sealed, data]: Parameters<typeof openssl.open>) =>
          openssl.open(suite, key, nonce, sealed, data) ?? openssl.open(suite, key, nonce, sealed),
      },
      says: /opens under other additional data/,
    },
  ])('finds $what', async ({ wrong, says }) => {
    expect(await selfTest(driverWith(wrong as Partial<CryptoDriver>), aes256)).toMatch(says);
  });

  it('has a known answer for each suite, and reports a missing one', async () => {
    expect(await selfTest(openssl, { ...aes256, cipher: 'rot13' })).toMatch(
      /no known answer for cipher "rot13"/,
    );
  });
});
