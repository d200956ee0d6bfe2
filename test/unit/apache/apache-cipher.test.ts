import { createDecipheriv, createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { apacheCipher, APACHE_CIPHERS, decryptCbc, encryptCbc } from '../../../lib/apache/apache-cipher.js';

describe('apacheCipher', () => {
  it.each(['3des192', 'aes128', 'aes192', 'aes256'])('knows %s', (name) => {
    expect(apacheCipher(name)).toMatchObject({ name });
  });

  it.each(['aes512', 'AES256', 'rot13', '', 'aes-256-cbc', 'constructor'])(
    'lists all four for "%s"',
    (name) => {
      expect(apacheCipher(name)).toMatch(/is unknown; httpd has 3des192, aes128, aes192, aes256$/);
    },
  );
});

describe.each(APACHE_CIPHERS)('$name', (cipher) => {
  const key = createSecretKey(Buffer.alloc(cipher.keyLength, 7));
  const iv = Buffer.alloc(cipher.block, 9);

  it('decrypts what it encrypts, at every length around a block', () => {
    for (let length = 0; length <= 3 * cipher.block; length++) {
      const text = Buffer.alloc(length, 'text');
      const ciphertext = encryptCbc(cipher, key, iv, text);
      expect(ciphertext).toHaveLength(cipher.block * (Math.floor(length / cipher.block) + 1));
      expect(decryptCbc(cipher, key, iv, ciphertext)).toEqual(text);
    }
  });

  it('takes padding exactly where OpenSSL does', () => {
    const openssl = (ciphertext: Buffer) => {
      const decryption = createDecipheriv(cipher.openssl, key, iv);
      try {
        return Buffer.concat([decryption.update(ciphertext), decryption.final()]);
      } catch {
        return undefined;
      }
    };
    const text = Buffer.alloc(2 * cipher.block, 'text');
    for (let last = 0; last < 256; last++)
      for (const before of [last, last ^ 1]) {
        const ciphertext = encryptCbc(cipher, key, iv, padded(text, before, last)).subarray(0, text.length);
        expect(decryptCbc(cipher, key, iv, ciphertext)).toEqual(openssl(ciphertext));
      }
  });

  /** The text, its last byte `last` and as many before it as that asks for, at most a block, `before`. */
  function padded(text: Buffer, before: number, last: number): Buffer {
    const bytes = Buffer.from(text);
    bytes.fill(before, bytes.length - Math.min(Math.max(last, 1), cipher.block));
    bytes[bytes.length - 1] = last;
    return bytes;
  }
});
