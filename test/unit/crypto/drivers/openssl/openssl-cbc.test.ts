import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CBC_CIPHERS } from '../../../../../lib/crypto/cbc-ciphers.js';
import { OpensslDriver } from '../../../../../lib/crypto/drivers/openssl/openssl.driver.js';

const { cbc } = new OpensslDriver();

describe('OpensslCbc', () => {
  it('has the ciphers of this OpenSSL', () => {
    expect(cbc.ciphers).toEqual(['3des192', 'aes128', 'aes192', 'aes256']);
  });

  it.each(CBC_CIPHERS)(
    '$name is that of Node, with padding when it encrypts and raw when it decrypts',
    (cipher) => {
      const key = createSecretKey(Buffer.alloc(cipher.keyLength, 7));
      const iv = Buffer.alloc(cipher.block, 9);
      for (let length = 0; length <= 2 * cipher.block; length++) {
        const text = Buffer.alloc(length, 'text');
        const encryption = createCipheriv(cipher.openssl, key, iv);
        const sealed = Buffer.concat([encryption.update(text), encryption.final()]);
        expect(cbc.encrypt(cipher, key, iv, text)).toEqual(sealed);
        const raw = createDecipheriv(cipher.openssl, key, iv).setAutoPadding(false);
        expect(cbc.decrypt(cipher, key, iv, sealed)).toEqual(
          Buffer.concat([raw.update(sealed), raw.final()]),
        );
      }
    },
  );
});
