import { createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { APACHE_CIPHERS } from '../../../../lib/apache/sealing/ciphers.js';
import { PassphraseKey } from '../../../../lib/apache/sealing/passphrase-key.js';
import { DriverCipher } from '../../../../lib/apache/sealing/driver-cipher.js';
import { OpensslDriver } from '../../../../lib/crypto/drivers/openssl/openssl.driver.js';

const AES256 = APACHE_CIPHERS[3]!;
const from = new PassphraseKey(1, Buffer.from('secret'));
const salt = Buffer.from('a5444b91678c4fe1b8a0176fdc746417', 'hex');

/** OpenSSL that keeps what it was asked to import. */
class Importing extends OpensslDriver {
  readonly imported: { bytes: Uint8Array; seen: string; use: string | undefined }[] = [];
  override importKey(bytes: Uint8Array, use?: string): KeyObject {
    this.imported.push({ bytes, seen: Buffer.from(bytes).toString('hex'), use });
    return super.importKey(bytes);
  }
}

describe('DriverCipher', () => {
  it('imports the key that httpd derived, for CBC alone, and wipes what was imported', async () => {
    const driver = new Importing();
    await new DriverCipher(driver, AES256).derive(from, salt);
    const [{ bytes, seen, use }] = driver.imported as [Importing['imported'][0]];
    expect(seen).toBe('161f229459fdcf7ddc5d3b0f5885758668cf4d123d9fd78b1d6593f67200355a');
    expect([use, Buffer.from(bytes)]).toEqual(['cbc', Buffer.alloc(32)]);
  });

  it('wipes it too where the driver does not take it', async () => {
    const driver = new Importing();
    const refusing = Object.assign(Object.create(driver) as Importing, {
      importKey: async (bytes: Uint8Array) => {
        driver.importKey(bytes);
        throw new Error('no');
      },
    });
    await expect(new DriverCipher(refusing, AES256).derive(from, salt)).rejects.toThrow('no');
    expect(Buffer.from(driver.imported[0]!.bytes)).toEqual(Buffer.alloc(32));
  });

  it('asks the driver whether a key is lost, and keeps it where the driver knows of no loss', () => {
    const [one, other] = [{}, {}];
    const losing = Object.assign(new OpensslDriver(), { isLost: (key: object) => key === one });
    const cipher = new DriverCipher(losing, AES256);
    expect([cipher.isLost(one), cipher.isLost(other)]).toEqual([true, false]);
    expect(new DriverCipher(new OpensslDriver(), AES256).isLost(one)).toBe(false);
  });
});

it('opens nothing where a driver answers no bytes', () => {
  const { cbc } = new OpensslDriver();
  const empty = Object.assign(new OpensslDriver(), { cbc: { ...cbc, decrypt: () => Buffer.alloc(0) } });
  expect(new DriverCipher(empty, AES256).decrypt({}, Buffer.alloc(16), Buffer.alloc(16))).toBeUndefined();
});

describe.each(APACHE_CIPHERS)('$name', (cipher) => {
  const openssl = new DriverCipher(new OpensslDriver(), cipher);
  const key = createSecretKey(Buffer.alloc(cipher.keyLength, 7));
  const iv = Buffer.alloc(cipher.block, 9);

  it('decrypts what it encrypts, at every length around a block', () => {
    for (let length = 0; length <= 3 * cipher.block; length++) {
      const text = Buffer.alloc(length, 'text');
      const ciphertext = openssl.encrypt(key, iv, text) as Buffer;
      expect(ciphertext).toHaveLength(cipher.block * (Math.floor(length / cipher.block) + 1));
      expect(openssl.decrypt(key, iv, ciphertext)).toEqual(text);
    }
  });

  it('takes padding exactly where OpenSSL does', () => {
    const unpadded = (ciphertext: Buffer) => {
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
        const sealed = openssl.encrypt(key, iv, padded(text, before, last)) as Buffer;
        const ciphertext = sealed.subarray(0, text.length);
        expect(openssl.decrypt(key, iv, ciphertext)).toEqual(unpadded(ciphertext));
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
