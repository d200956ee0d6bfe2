import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OpensslDriver } from '../../../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { SUITES, suiteByCipher, type Suite } from '../../../../../lib/crypto/suites.js';
import { bytesOf, wycheproof, type Vector } from '../../../../vectors/wycheproof.js';

const driver = new OpensslDriver();

/** The driver interface has 96-bit nonces and 128-bit tags, so all other vectors are left out. */
function aeadVectors(file: string, keySize: number): Vector[] {
  return wycheproof(file)
    .filter((group) => group.keySize === keySize && group.ivSize === 96 && group.tagSize === 128)
    .flatMap((group) => group.tests);
}

function openVector(suite: Suite, vector: Vector) {
  const sealed = Buffer.concat([bytesOf(vector, 'ct'), bytesOf(vector, 'tag')]);
  return driver.open(
    suite,
    driver.importKey(bytesOf(vector, 'key')),
    bytesOf(vector, 'iv'),
    sealed,
    bytesOf(vector, 'aad'),
  );
}

describe('OpensslDriver', () => {
  it.each([
    { cipher: 'aes256', file: 'aes_gcm', valid: 39, invalid: 27 },
    { cipher: 'aes128', file: 'aes_gcm', valid: 40, invalid: 27 },
    { cipher: 'chacha20', file: 'chacha20_poly1305', valid: 256, invalid: 60 },
  ])(
    '$cipher opens $valid valid vectors of Wycheproof and refuses $invalid invalid ones',
    ({ cipher, file, ...count }) => {
      const suite = suiteByCipher.get(cipher)!;
      const run = { valid: 0, invalid: 0 };
      for (const vector of aeadVectors(file, suite.keyLength * 8)) {
        const opened = openVector(suite, vector);
        run[vector.result]++;
        if (vector.result === 'invalid') expect(opened, `tcId ${vector.tcId}`).toBeUndefined();
        else expect(opened?.toString('hex'), `tcId ${vector.tcId}`).toBe(vector.msg);
        if (vector.result === 'invalid') continue;
        const key = driver.importKey(bytesOf(vector, 'key'));
        const [iv, text, data] = ['iv', 'msg', 'aad'].map((field) => bytesOf(vector, field));
        const sealed = driver.seal(suite, key, iv!, text!, data);
        expect(sealed.toString('hex'), `tcId ${vector.tcId}`).toBe(
          `${String(vector.ct)}${String(vector.tag)}`,
        );
      }
      expect(run).toEqual(count);
    },
  );

  it.each(SUITES)('$cipher refuses every flipped bit of ciphertext and tag', (suite) => {
    const key = driver.importKey(Buffer.alloc(suite.keyLength, 7));
    const nonce = Buffer.alloc(12, 9);
    const sealed = driver.seal(suite, key, nonce, Buffer.from('sixteen bytes of'));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const forged = Buffer.from(sealed);
      forged[bit >> 3]! ^= 1 << (bit & 7);
      expect(driver.open(suite, key, nonce, forged)).toBeUndefined();
    }
  });

  it('expands 80 vectors of HKDF-SHA-512 as Wycheproof does, and refuses 3 lengths that are too large', () => {
    const run = { valid: 0, invalid: 0 };
    for (const vector of wycheproof('hkdf_sha512').flatMap((group) => group.tests)) {
      const { ikm, salt, info } = {
        ikm: bytesOf(vector, 'ikm'),
        salt: bytesOf(vector, 'salt'),
        info: bytesOf(vector, 'info'),
      };
      const extracted = createHmac('sha512', salt.length ? salt : Buffer.alloc(64))
        .update(ikm)
        .digest();
      const expand = () => driver.expand(driver.importKey(extracted), info, Number(vector.size));
      run[vector.result]++;
      if (vector.result === 'invalid') expect(expand).toThrow();
      else expect(expand().toString('hex'), `tcId ${vector.tcId}`).toBe(vector.okm);
    }
    expect(run).toEqual({ valid: 80, invalid: 3 });
  });

  it('lists its ciphers', () => {
    expect(driver.ciphers).toEqual(['aes256', 'chacha20', 'aes128']);
  });
});
