import { createHmac, randomBytes, randomInt } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NSS } from '../../../../../lib/crypto/drivers/nss/nss.row.js';
import { CBC_CIPHERS } from '../../../../../lib/crypto/cbc-ciphers.js';
import { cbcSelfTest } from '../../../../../lib/crypto/cbc-self-test.js';
import { OpensslDriver } from '../../../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { selfTest } from '../../../../../lib/crypto/self-test.js';
import { NO_DATA, SUITES, suiteByCipher, TAG_LENGTH, type Suite } from '../../../../../lib/crypto/suites.js';
import type { CryptoDriver } from '../../../../../lib/crypto/crypto-driver.interface.js';
import { bytesOf, wycheproof, type Vector } from '../../../../vectors/wycheproof.js';
import { whyNoNss } from './support.js';

const openssl = new OpensslDriver();
const MIB = 2 ** 20;
const LENGTHS = [0, 1, 15, 16, 17, 500, 4096, ...Array.from({ length: 40 }, () => randomInt(5000)), MIB];
/** RFC 5869: infos that fit into the driver's buffers, and longer ones. */
const INFOS = [0, 1, 63, 64, 200, 4095, 4096, 4097, 70_000];

let driver: Awaited<ReturnType<typeof NSS.open>>;

/** The driver interface has 96-bit nonces and 128-bit tags, so all other vectors are left out. */
function aeadVectors(file: string, keySize: number): Vector[] {
  return wycheproof(file)
    .filter((group) => group.keySize === keySize && group.ivSize === 96 && group.tagSize === 128)
    .flatMap((group) => group.tests);
}

/** The results of NSS and OpenSSL for the same random input. */
async function bothSeal(suite: Suite, length: number) {
  const input = { key: randomBytes(suite.keyLength), nonce: randomBytes(12), text: randomBytes(length) };
  const keys = { nss: await driver.importKey(input.key), openssl: openssl.importKey(input.key) };
  const sealed = {
    nss: await driver.seal(suite, keys.nss, input.nonce, input.text, NO_DATA),
    openssl: openssl.seal(suite, keys.openssl, input.nonce, input.text),
  };
  return { ...input, keys, sealed };
}

describe.skipIf(await whyNoNss())('NssDriver', () => {
  beforeAll(async () => {
    driver = await NSS.open({}, 'crypto.driver');
  });
  afterAll(() => driver.close?.());

  it('has all suites and all ciphers of the Apache format', () => {
    expect(driver.ciphers).toEqual(NSS.ciphers);
    expect(driver.cbc?.ciphers).toEqual(NSS.cbcCiphers);
  });

  it.each(SUITES)('computes the known answers of $cipher', async (suite) => {
    expect(await selfTest(driver, suite)).toBeUndefined();
  });

  it.each(CBC_CIPHERS)('computes the known answers of $name-cbc', async (cipher) => {
    expect(await cbcSelfTest(driver, cipher)).toBeUndefined();
  });

  it.each([
    { cipher: 'aes256', file: 'aes_gcm', valid: 39, invalid: 27 },
    { cipher: 'aes128', file: 'aes_gcm', valid: 40, invalid: 27 },
    { cipher: 'chacha20', file: 'chacha20_poly1305', valid: 256, invalid: 60 },
  ])(
    '$cipher opens $valid valid vectors of Wycheproof and refuses $invalid invalid ones',
    async ({ cipher, file, ...count }) => {
      const suite = suiteByCipher.get(cipher)!;
      const run = { valid: 0, invalid: 0 };
      for (const vector of aeadVectors(file, suite.keyLength * 8)) {
        const key = await driver.importKey(bytesOf(vector, 'key'));
        const sealed = Buffer.concat([bytesOf(vector, 'ct'), bytesOf(vector, 'tag')]);
        const opened = await driver.open(suite, key, bytesOf(vector, 'iv'), sealed, bytesOf(vector, 'aad'));
        run[vector.result]++;
        expect(opened?.toString('hex'), `tcId ${vector.tcId}`).toBe(
          vector.result === 'valid' ? vector.msg : undefined,
        );
        if (vector.result === 'invalid') continue;
        const [iv, text, data] = ['iv', 'msg', 'aad'].map((field) => bytesOf(vector, field));
        const again = await driver.seal(suite, key, iv!, text!, data!);
        expect(again.equals(sealed), `tcId ${vector.tcId}`).toBe(true);
      }
      expect(run).toEqual(count);
    },
  );

  it.each(SUITES)('$cipher seals as OpenSSL does, and each opens what the other sealed', async (suite) => {
    for (const length of LENGTHS) {
      const { keys, nonce, sealed, text } = await bothSeal(suite, length);
      expect(sealed.nss.equals(sealed.openssl), `${length} bytes`).toBe(true);
      const opened = await driver.open(suite, keys.nss, nonce, sealed.openssl, NO_DATA);
      expect(opened?.equals(text), `${length} bytes`).toBe(true);
      expect(openssl.open(suite, keys.openssl, nonce, sealed.nss)?.equals(text)).toBe(true);
    }
  });

  it.each(CBC_CIPHERS)('$name-cbc encrypts and decrypts as OpenSSL does', async (cipher) => {
    for (const length of LENGTHS) {
      const [bytes, iv, text] = [cipher.keyLength, cipher.block, length].map((size) => randomBytes(size));
      const key = await driver.importKey(bytes!);
      const other = openssl.importKey(bytes!);
      const sealed = await driver.cbc!.encrypt(cipher, key, iv!, text!);
      expect(sealed.equals(openssl.cbc.encrypt(cipher, other, iv!, text!)), `${length} bytes`).toBe(true);
      const padded = await driver.cbc!.decrypt(cipher, key, iv!, sealed);
      expect(padded.equals(openssl.cbc.decrypt(cipher, other, iv!, sealed)), `${length} bytes`).toBe(true);
    }
  });

  it.each(SUITES)('$cipher refuses every flipped bit of ciphertext and tag', async (suite) => {
    const key = await driver.importKey(Buffer.alloc(suite.keyLength, 7));
    const nonce = Buffer.alloc(12, 9);
    const sealed = await driver.seal(suite, key, nonce, Buffer.from('sixteen bytes of'), NO_DATA);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const forged = Buffer.from(sealed);
      forged[bit >> 3]! ^= 1 << (bit & 7);
      expect(await driver.open(suite, key, nonce, forged, NO_DATA)).toBeUndefined();
    }
  });

  it.each(SUITES)(
    '$cipher refuses a wrong tag of an empty text, a short tag, and another key',
    async (suite) => {
      const { keys, nonce, sealed } = await bothSeal(suite, 0);
      expect(await driver.open(suite, keys.nss, nonce, sealed.nss, NO_DATA)).toHaveLength(0);
      expect(await driver.open(suite, keys.nss, nonce, Buffer.alloc(TAG_LENGTH), NO_DATA)).toBeUndefined();
      expect(await driver.open(suite, keys.nss, nonce, sealed.nss.subarray(1), NO_DATA)).toBeUndefined();
      expect(await driver.open(suite, keys.nss, nonce, Buffer.alloc(0), NO_DATA)).toBeUndefined();
      const other = await driver.importKey(randomBytes(suite.keyLength));
      expect(await driver.open(suite, other, nonce, sealed.nss, NO_DATA)).toBeUndefined();
    },
  );

  it('expands 80 vectors of HKDF-SHA-512 as Wycheproof does, and refuses 3 lengths that are too large', async () => {
    const run = { valid: 0, invalid: 0 };
    for (const vector of wycheproof('hkdf_sha512').flatMap((group) => group.tests)) {
      const salt = bytesOf(vector, 'salt');
      const hmac = createHmac('sha512', salt.length ? salt : Buffer.alloc(64));
      const key = await driver.importKey(hmac.update(bytesOf(vector, 'ikm')).digest());
      const expand = async () => driver.expand(key, bytesOf(vector, 'info'), Number(vector.size));
      run[vector.result]++;
      if (vector.result === 'invalid') await expect(expand()).rejects.toThrow(RangeError);
      else expect((await expand()).toString('hex'), `tcId ${vector.tcId}`).toBe(vector.okm);
    }
    expect(run).toEqual({ valid: 80, invalid: 3 });
  });

  it('expands keys of 16 to 64 bytes with infos of every length as OpenSSL does', async () => {
    for (let length = 16; length <= 64; length++) {
      const bytes = randomBytes(length);
      const [key, other] = [await driver.importKey(bytes), openssl.importKey(bytes)];
      for (const size of INFOS) {
        const info = randomBytes(size);
        const expanded = await driver.expand(key, info, 76);
        expect(expanded.equals(openssl.expand(other, info, 76)), `${length}, ${size}`).toBe(true);
      }
    }
  });

  it('uses one handle for everything that a key of its length can do', async () => {
    const bytes = randomBytes(32);
    const key = await driver.importKey(bytes);
    bytes.fill(0);
    const info = Buffer.from('info');
    const before = await driver.expand(key, info, 100);
    for (const suite of SUITES.filter(({ keyLength }) => keyLength === 32)) {
      const sealed = await driver.seal(suite, key, Buffer.alloc(12), info, NO_DATA);
      expect(await driver.open(suite, key, Buffer.alloc(12), sealed, NO_DATA)).toEqual(info);
    }
    expect(await driver.expand(key, info, 100)).toEqual(before);
  });

  it.each(lengthsThatAreWrong())('does not call NSS for $what', async ({ act }) => {
    await expect((async () => act(driver))()).rejects.toThrow(RangeError);
  });

  it.each<[string, (key: object, text: never) => unknown]>([
    ['a key', (_key, text) => driver.importKey(text)],
    ['an info', (key, text) => driver.expand(key, text, 32)],
    ['a nonce', (key, text) => driver.seal(SUITES[0]!, key, text, NONCE, NO_DATA)],
    ['an IV', (key, text) => driver.cbc!.encrypt(CBC_CIPHERS[3]!, key, text, NONCE)],
    ['additional data', (key, text) => driver.seal(SUITES[0]!, key, NONCE, NONCE, text)],
    ['a plaintext', (key, text) => driver.seal(SUITES[0]!, key, NONCE, text, NO_DATA)],
  ])('refuses a text for %s, which would become zeros', async (what, act) => {
    const key = await driver.importKey(Buffer.alloc(32, 1));
    const text = 'x'.repeat(what === 'a nonce' ? 12 : 16) as never;
    await expect((async () => act(key, text))()).rejects.toThrow(/takes bytes as a Uint8Array/);
  });

  it('refuses a handle of another driver, and every handle after it was closed', async () => {
    const other = await NSS.open({}, 'crypto.driver');
    const key = await other.importKey(Buffer.alloc(32, 1));
    await other.expand(key, Buffer.of(1), 32);
    expect(() => driver.expand(key, Buffer.of(1), 32)).toThrow(/does not belong to this driver/);
    expect(() => driver.expand({}, Buffer.of(1), 32)).toThrow(/does not belong to this driver/);
    await other.close!();
    await other.close!();
    expect(() => other.expand(key, Buffer.of(1), 32)).toThrow(/has been closed/);
    expect(() => other.seal(SUITES[0]!, key, Buffer.alloc(12), Buffer.of(1), NO_DATA)).toThrow(
      /has been closed/,
    );
    expect(() => other.importKey(Buffer.alloc(32))).toThrow(/has been closed/);
    expect(await selfTest(driver, SUITES[0]!)).toBeUndefined();
  });

  it('shows nothing of its keys', async () => {
    const key = await driver.importKey(Buffer.alloc(32, 0x41));
    await driver.expand(key, Buffer.of(1), 32);
    expect(inspect(key, { showHidden: true, depth: null })).toBe('NssKey {}');
    expect(JSON.stringify(key)).toBe('{}');
    const shown = inspect(driver, { showHidden: true, depth: null, maxArrayLength: null });
    expect(shown).not.toMatch(/AAAA|41 41|Vault|Pointer/);
  });

  it('holds no native memory for keys that nobody uses', async () => {
    const suite = suiteByCipher.get('aes256')!;
    const seal = async () =>
      driver.seal(suite, await driver.importKey(randomBytes(32)), NONCE, NONCE, NO_DATA);
    for (let i = 0; i < 2000; i++) await seal();
    const before = process.memoryUsage().rss;
    const kept: object[] = [];
    for (let i = 0; i < 20_000; i++) {
      const key = await driver.importKey(randomBytes(32));
      await driver.seal(suite, key, NONCE, NONCE, NO_DATA);
      kept.push(key);
    }
    expect(kept).toHaveLength(20_000);
    expect((process.memoryUsage().rss - before) / MIB).toBeLessThan(60); // as PK11SymKeys: 130
  });
});

const NONCE = Buffer.alloc(12);

/** Claims a length without taking the memory. */
const ofLength = (value: number) => Object.defineProperty(new Uint8Array(1), 'length', { value });

/** Calls that would make NSS read or write beyond a buffer. */
function lengthsThatAreWrong() {
  const [aes256, , aes128] = SUITES as [Suite, Suite, Suite];
  const [des, aes] = CBC_CIPHERS as [(typeof CBC_CIPHERS)[number], (typeof CBC_CIPHERS)[number]];
  const keyed = (length: number, act: (driver: CryptoDriver, key: object) => unknown) => {
    return async (driver: CryptoDriver) => act(driver, await driver.importKey(Buffer.alloc(length, 1)));
  };
  const text = Buffer.alloc(32);
  return [
    { what: 'a key of 15 bytes', act: (driver: CryptoDriver) => driver.importKey(Buffer.alloc(15)) },
    { what: 'a key of 65 bytes', act: (driver: CryptoDriver) => driver.importKey(Buffer.alloc(65)) },
    {
      what: 'a nonce of 11 bytes',
      act: keyed(32, (d, k) => d.seal(aes256, k, Buffer.alloc(11), text, NO_DATA)),
    },
    {
      what: 'a nonce of 13 bytes',
      act: keyed(32, (d, k) => d.open(aes256, k, Buffer.alloc(13), text, NO_DATA)),
    },
    {
      what: 'aes256 with 16 bytes of key',
      act: keyed(16, (d, k) => d.seal(aes256, k, NONCE, text, NO_DATA)),
    },
    {
      what: 'aes128 with 32 bytes of key',
      act: keyed(32, (d, k) => d.open(aes128, k, NONCE, text, NO_DATA)),
    },
    {
      what: 'a suite that it does not know',
      act: keyed(32, (d, k) => d.seal({ ...aes256, cipher: 'rot13' }, k, NONCE, text, NO_DATA)),
    },
    { what: '3DES with 16 bytes of key', act: keyed(16, (d, k) => d.cbc!.encrypt(des, k, NONCE, text)) },
    { what: 'an IV of 12 bytes', act: keyed(16, (d, k) => d.cbc!.encrypt(aes, k, NONCE, text)) },
    {
      what: 'half a block',
      act: keyed(16, (d, k) => d.cbc!.decrypt(aes, k, Buffer.alloc(16), Buffer.alloc(24))),
    },
    {
      what: 'no block',
      act: keyed(16, (d, k) => d.cbc!.decrypt(aes, k, Buffer.alloc(16), Buffer.alloc(0))),
    },
    { what: 'an info of 16 MiB', act: keyed(32, (d, k) => d.expand(k, Buffer.alloc(2 ** 24 + 1), 32)) },
    { what: 'a length below nothing', act: keyed(32, (d, k) => d.expand(k, text, -1)) },
    { what: 'half a byte', act: keyed(32, (d, k) => d.expand(k, text, 0.5)) },
    {
      what: 'a text of 2 GiB',
      act: keyed(32, (d, k) => d.seal(aes256, k, NONCE, ofLength(2 ** 31), NO_DATA)),
    },
  ];
}
