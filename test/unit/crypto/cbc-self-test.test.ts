import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { CBC_CIPHERS } from '../../../lib/crypto/cbc-ciphers.js';
import { cbcSelfTest } from '../../../lib/crypto/cbc-self-test.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import type { CbcDriver } from '../../../lib/crypto/crypto-driver.interface.js';

const openssl = new OpensslDriver();
const AES256 = CBC_CIPHERS[3]!;

/** OpenSSL with some results of CBC replaced. */
const driverWith = (wrong: Partial<CbcDriver>) =>
  Object.assign(new OpensslDriver(), {
    cbc: {
      ciphers: openssl.cbc.ciphers,
      encrypt: openssl.cbc.encrypt.bind(openssl.cbc),
      decrypt: openssl.cbc.decrypt.bind(openssl.cbc),
      ...wrong,
    } as OpensslDriver['cbc'],
  });

const changed = (bytes: Buffer, at: number) => {
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  return bytes;
};

describe('cbcSelfTest', () => {
  it.each(CBC_CIPHERS)('finds nothing wrong with OpenSSL and $name', async (cipher) => {
    expect(await cbcSelfTest(openssl, cipher)).toBeUndefined();
  });

  it('accepts results by promise', async () => {
    const later = driverWith({
      encrypt: async (...args) => openssl.cbc.encrypt(...(args as Parameters<typeof openssl.cbc.encrypt>)),
    });
    expect(await cbcSelfTest(later, AES256)).toBeUndefined();
  });

  it.each(['encrypt', 'decrypt'] as const)('refuses a promise of another realm from %s', async (method) => {
    const Foreign = runInNewContext('Promise') as PromiseConstructor;
    const act = (...args: never[]) => Foreign.resolve(Reflect.apply(openssl.cbc[method], openssl.cbc, args));
    await expect(cbcSelfTest(driverWith({ [method]: act }), AES256)).rejects.toMatchObject({
      code: 'ERR_FOREIGN_PROMISE',
    });
  });

  const { encrypt, decrypt } = openssl.cbc;
  it.each<{ what: string; wrong: object; says: RegExp }>([
    {
      what: 'a wrong block',
      wrong: { encrypt: (...args: Parameters<typeof encrypt>) => changed(encrypt(...args), 40) },
      says: /aes256-cbc encrypts wrongly/,
    },
    {
      what: 'no padding',
      wrong: { encrypt: (...args: Parameters<typeof encrypt>) => encrypt(...args).subarray(0, -16) },
      says: /encrypts wrongly/,
    },
    {
      what: 'other padding',
      wrong: { encrypt: (...args: Parameters<typeof encrypt>) => changed(encrypt(...args), -1) },
      says: /decrypts wrongly/,
    },
    {
      what: 'padding that was removed',
      wrong: { decrypt: (...args: Parameters<typeof decrypt>) => decrypt(...args).subarray(0, -16) },
      says: /decrypts wrongly/,
    },
    {
      what: 'a wrong text',
      wrong: { decrypt: (...args: Parameters<typeof decrypt>) => changed(decrypt(...args), 0) },
      says: /decrypts wrongly/,
    },
    { what: 'a missing cipher', wrong: { ciphers: ['aes128'] }, says: /it has no aes256-cbc/ },
  ])('finds $what', async ({ wrong, says }) => {
    expect(await cbcSelfTest(driverWith(wrong), AES256)).toMatch(says);
  });

  it('reports a driver without CBC', async () => {
    const { cbc: _cbc, ...without } = driverWith({});
    const driver = Object.assign(Object.create(OpensslDriver.prototype) as OpensslDriver, without);
    expect(await cbcSelfTest(driver, AES256)).toBe('it has no aes256-cbc');
  });
});
