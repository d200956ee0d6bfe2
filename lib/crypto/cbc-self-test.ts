import { awaitResult } from './awaitable.js';
import type { CbcCipher } from './cbc-ciphers.js';
import type { CbcDriver, CryptoDriver, KeyHandle } from './crypto-driver.interface.js';

/** Known answers that others published, each the ciphertext of {@link TEXT} without padding. AES: NIST SP 800-38A,
 *  F.2.1, F.2.3 and F.2.5. 3DES: TDES_CBC of NIST's "Examples with Intermediate Values". */
const KNOWN_ANSWERS: Readonly<
  Record<CbcCipher['name'], { readonly key: string; readonly ciphertext: string }>
> = {
  aes128: {
    key: '2b7e151628aed2a6abf7158809cf4f3c',
    ciphertext:
      '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2' +
      '73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7',
  },
  aes192: {
    key: '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b',
    ciphertext:
      '4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a' +
      '571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd',
  },
  aes256: {
    key: '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
    ciphertext:
      'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d' +
      '39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b',
  },
  '3des192': {
    key: '0123456789abcdef23456789abcdef01456789abcdef0123',
    ciphertext: '2079c3d53aa763e193b79e2569ab5262516570481f25b50f73c0bda85c8e0da7',
  },
};

/** The IVs of these examples, by block length. */
const IVS = { 16: '000102030405060708090a0b0c0d0e0f', 8: 'f69f2445df4f9b17' } as const;
/** The plaintext of these examples, four AES blocks. The example for 3DES uses the first half. */
const TEXT =
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
  '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710';

const hex = (text: string) => Buffer.from(text, 'hex');

/** Tests a driver against the known answer of one cipher of the Apache format. Returns a sentence about the first wrong
 *  result, or `undefined` if all is well. Runs at every start that uses the Apache format, since a wrong cipher would
 *  seal sessions that httpd cannot read. Rejects with whatever the driver rejects with. */
export async function cbcSelfTest(driver: CryptoDriver, cipher: CbcCipher): Promise<string | undefined> {
  const { cbc } = driver;
  if (!cbc?.ciphers.includes(cipher.name)) return `it has no ${cipher.name}-cbc`;
  const bytes = hex(KNOWN_ANSWERS[cipher.name].key);
  return testCipher(cbc, cipher, await awaitResult(driver.importKey(bytes, 'cbc')));
}

/** The ciphertext is longer than the known answer by one block, in which the driver encrypted the padding. The known
 *  answer does not cover that block; decrypting it must give the padding bytes. */
async function testCipher(cbc: CbcDriver, cipher: CbcCipher, key: KeyHandle): Promise<string | undefined> {
  const expected = hex(KNOWN_ANSWERS[cipher.name].ciphertext);
  const text = hex(TEXT).subarray(0, expected.length);
  const iv = hex(IVS[cipher.block]);
  const encrypted = await awaitResult(cbc.encrypt(cipher, key, iv, text));
  const isPadded = encrypted.length === text.length + cipher.block;
  if (!isPadded || !encrypted.subarray(0, text.length).equals(expected))
    return `${cipher.name}-cbc encrypts wrongly`;
  const padded = Buffer.concat([text, Buffer.alloc(cipher.block, cipher.block)]);
  const decrypted = await awaitResult(cbc.decrypt(cipher, key, iv, encrypted));
  return decrypted.equals(padded) ? undefined : `${cipher.name}-cbc decrypts wrongly`;
}
