import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { WebcryptoDriver } from '../../../../../lib/crypto/drivers/webcrypto/webcrypto.driver.js';
import { WEBCRYPTO } from '../../../../../lib/crypto/drivers/webcrypto/webcrypto.row.js';
import { OpensslDriver } from '../../../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { suiteByCipher, type Suite } from '../../../../../lib/crypto/suites.js';
import { bytesOf, wycheproof } from '../../../../vectors/wycheproof.js';

const driver = new WebcryptoDriver();
const openssl = new OpensslDriver();
const suiteOf = (cipher: string): Suite => suiteByCipher.get(cipher)!;
const aes256 = suiteOf('aes256');

/** `crypto.subtle` of another runtime: it reads its input a turn later. */
const late = (name: 'importKey' | 'sign' | 'encrypt' | 'decrypt') => ({
  value: async (...given: unknown[]) => {
    await new Promise((resolve) => setImmediate(resolve));
    return Reflect.apply(crypto.subtle[name], crypto.subtle, given) as unknown;
  },
});
const lateSubtle = Object.create(crypto.subtle, {
  importKey: late('importKey'),
  sign: late('sign'),
  encrypt: late('encrypt'),
  decrypt: late('decrypt'),
}) as typeof crypto.subtle;

describe('WebcryptoDriver', () => {
  it.each([
    { cipher: 'aes256', valid: 21, invalid: 27 },
    { cipher: 'aes128', valid: 22, invalid: 27 },
  ])(
    '$cipher opens $valid valid vectors of Wycheproof and refuses $invalid invalid ones',
    async ({ cipher, ...count }) => {
      const suite = suiteOf(cipher);
      const run = { valid: 0, invalid: 0 };
      const groups = wycheproof('aes_gcm').filter(
        (group) => group.keySize === suite.keyLength * 8 && group.ivSize === 96 && group.tagSize === 128,
      );
      for (const vector of groups.flatMap((group) => group.tests).filter(({ aad }) => aad === '')) {
        const key = await driver.importKey(bytesOf(vector, 'key'), 'seal');
        const sealed = Buffer.concat([bytesOf(vector, 'ct'), bytesOf(vector, 'tag')]);
        const opened = await driver.open(suite, key, bytesOf(vector, 'iv'), sealed);
        run[vector.result]++;
        expect(opened?.toString('hex'), `tcId ${vector.tcId}`).toBe(
          vector.result === 'valid' ? vector.msg : undefined,
        );
      }
      expect(run).toEqual(count);
    },
  );

  it.each([
    ['here', crypto.subtle],
    ['where crypto.subtle is late', lateSubtle],
  ])('has copied its input when a call returns, %s', async (_, subtle) => {
    const driver = new WebcryptoDriver(subtle);
    const [bytes, nonce, text, info] = [randomBytes(32), randomBytes(12), randomBytes(50), randomBytes(9)];
    const given = [bytes, nonce, text, info].map((one) => Buffer.from(one)) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    const same = openssl.importKey(bytes);
    const importing = driver.importKey(given[0]);
    given[0].fill(0);
    const key = await importing;
    const work = [driver.expand(key, given[3], 130), driver.seal(aes256, key, given[1], given[2])] as const;
    for (const one of given) one.fill(0);
    expect(await work[0]).toEqual(openssl.expand(same, info, 130));
    expect(await work[1]).toEqual(openssl.seal(aes256, same, nonce, text));
    const sealed = await work[1];
    const opening = driver.open(aes256, key, nonce, sealed);
    sealed.fill(0);
    expect(await opening).toEqual(text);
  });

  it('makes keys that cannot be extracted, each for its use only', async () => {
    const bytes = randomBytes(32);
    const every = await driver.importKey(bytes);
    expect([every.mac?.extractable, every.cipher?.extractable]).toEqual([false, false]);
    const [expanding, sealing] = [
      await driver.importKey(bytes, 'expand'),
      await driver.importKey(bytes, 'seal'),
    ];
    expect([expanding.mac?.usages, expanding.cipher]).toEqual([['sign'], undefined]);
    expect([sealing.mac, sealing.cipher?.usages]).toEqual([undefined, ['encrypt', 'decrypt']]);
    await expect(driver.expand(sealing, Buffer.alloc(1), 32)).rejects.toThrow('cannot expand');
    await expect(driver.seal(aes256, expanding, Buffer.alloc(12), bytes)).rejects.toThrow('32 bytes');
  });

  it('refuses a key of another suite', async () => {
    const key = await driver.importKey(randomBytes(16), 'seal');
    await expect(driver.seal(aes256, key, Buffer.alloc(12), Buffer.alloc(1))).rejects.toThrow(
      'aes256 needs a key of 32 bytes',
    );
  });

  it('passes on an error that is not a forged tag', async () => {
    const key = await driver.importKey(randomBytes(32), 'seal');
    const decrypt = () => Promise.reject(new TypeError('no such algorithm'));
    const failing = new WebcryptoDriver(Object.create(crypto.subtle, { decrypt: { value: decrypt } }));
    await expect(failing.open(aes256, key, Buffer.alloc(12), Buffer.alloc(20))).rejects.toThrow(
      'no such algorithm',
    );
  });

  it('is usable if there is crypto.subtle', async () => {
    expect(await WEBCRYPTO.missing()).toBeUndefined();
  });
});
