import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSealer } from 'nestjs-session-crypto';
import { suiteByCipher } from '../../../../../lib/crypto/suites.js';
import type { Pkcs11Driver } from '../../../../../lib/crypto/drivers/pkcs11/pkcs11.driver.js';
import { SessionConfigError } from '../../../../../lib/errors/session-config.error.js';
import { LIBRARY, MISSING, PIN, pinOf, SoftHsm } from '../../../../support/soft-hsm.js';

const COMPILER = ['cc', 'gcc', 'clang'].find((name) => {
  try {
    return execFileSync(name, ['--version'], { stdio: 'ignore' }) === null;
  } catch {
    return false;
  }
});
if (!COMPILER)
  console.warn('skipped: no C compiler to make a library that answers wrongly (apt-get install gcc)');

const aes256 = suiteByCipher.get('aes256')!;
const SECRET = Buffer.from(Array.from({ length: 32 }, (_, i) => i));

describe.skipIf(MISSING ?? !COMPILER)('A library that misbehaves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wrong-library-'));
  const library = join(folder, 'wrong.so');
  let hsm: SoftHsm;
  beforeAll(() => {
    const source = fileURLToPath(new URL('./wrong-library.c', import.meta.url));
    execFileSync(COMPILER!, ['-shared', '-fPIC', `-DREAL="${LIBRARY}"`, '-o', library, source, '-ldl']);
    hsm = new SoftHsm();
  });
  afterEach(() => {
    delete process.env['WRONG'];
    delete process.env['DECRYPT_ANSWERS'];
    delete process.env['ENCRYPT_ANSWERS'];
  });
  afterAll(() => {
    hsm.close();
    rmSync(folder, { recursive: true });
  });

  const options = {
    driver: 'pkcs11',
    secrets: [SECRET],
    driverParams: { library, label: 'app', pin: PIN },
  } as const;
  const started = async (epoch?: number) => {
    const driverParams = { ...options.driverParams, ...(epoch && { epoch }) };
    const sealer = await createSealer({ ...options, driverParams });
    await sealer.close();
  };

  it('starts if it returns right results', async () => {
    await expect(started()).resolves.toBeUndefined();
  });

  it('is asked for the number of its slots first, which makes it look for new ones', async () => {
    process.env['WRONG'] = 'slots';
    await expect(started()).resolves.toBeUndefined();
  });

  it.each([
    { wrong: 'sign', says: /fails its self-test: HKDF-Expand-SHA-512 gives a wrong answer/ },
    { wrong: 'sign length', says: /fails its self-test: it threw/ },
    { wrong: 'sign short', says: /fails its self-test: it threw/ },
    { wrong: 'encrypt', says: /fails its self-test: aes256 seals wrongly/ },
    { wrong: 'encrypt short', says: /fails its self-test: it threw/ },
    { wrong: 'decrypt', says: /fails its self-test: aes256 opens wrongly/ },
    { wrong: 'decrypt forged', says: /fails its self-test: aes256 opens a forged tag/ },
    { wrong: 'no gcm', says: /"pkcs11" has no aes256 here; it has no cipher of our own form/ },
    { wrong: 'no hmac', says: /library: leads to a token without CKM_SHA512_HMAC/ },
    {
      wrong: 'no function',
      says: /library: is not a PKCS#11 library of version 2: C_Sign returned CKR_FUNCTION_NOT_SUPPORTED/,
    },
    {
      wrong: 'no list',
      says: /library: is not a PKCS#11 library of version 2: C_GetFunctionList returned CKR_FUNCTION_FAILED/,
    },
  ])('stops the start: $wrong', async ({ wrong, says }) => {
    process.env['WRONG'] = wrong;
    const starting = started();
    await expect(starting).rejects.toThrow(SessionConfigError);
    await expect(starting).rejects.toThrow(says);
  });

  it('stops the start with an epoch too', async () => {
    process.env['WRONG'] = 'sign';
    await expect(started(60)).rejects.toThrow(
      /fails its self-test: HKDF-Expand-SHA-512 gives a wrong answer/,
    );
  });

  it.each([
    { wrong: 'last try', says: /pin: was wrong so often that the next wrong one locks the token/ },
    { wrong: 'locked', says: /pin: is locked/ },
  ])('is not offered a PIN: $wrong', async ({ wrong, says }) => {
    const logins = koffi.load(library).func('stub_logins', 'ulong', []);
    const before = logins() as number;
    process.env['WRONG'] = wrong;
    await expect(started()).rejects.toThrow(says);
    expect(logins()).toBe(before);
  });

  it('is offered a wrong PIN once per process, however many drivers have it', async () => {
    const logins = koffi.load(library).func('stub_logins', 'ulong', []);
    const before = Number(logins());
    for (let i = 0; i < 3; i++)
      await expect(hsm.open({ library, pin: pinOf('not the PIN') })).rejects.toThrow(/CKR_PIN_INCORRECT/);
    expect(logins()).toBe(before + 1);
    await expect(started()).resolves.toBeUndefined();
  });

  it.each([
    { answer: 'CKR_DEVICE_REMOVED', code: 0x32 },
    { answer: 'CKR_TOKEN_NOT_PRESENT', code: 0xe0 },
    { answer: 'CKR_DEVICE_ERROR', code: 0x30 },
    { answer: 'CKR_HOST_MEMORY', code: 0x2 },
    { answer: 'CKR_DEVICE_MEMORY', code: 0x31 },
    { answer: 'CKR_USER_NOT_LOGGED_IN', code: 0x101 },
  ])('that returns $answer has not judged the bytes', async ({ code }) => {
    await withSealed(async (driver, key, sealed) => {
      process.env['DECRYPT_ANSWERS'] = String(code);
      const opening = (async () => driver.open(aes256, key, Buffer.alloc(12), sealed))();
      await expect(opening).rejects.toMatchObject({ code: 'ERR_SESSION_DRIVER', statusCode: 503 });
    });
  });

  it.each([
    { answer: 'CKR_ENCRYPTED_DATA_INVALID', code: 0x40 },
    { answer: 'CKR_GENERAL_ERROR', code: 0x5 },
    { answer: 'CKR_FUNCTION_FAILED', code: 0x6 },
    { answer: 'a code of its own', code: 0x80000001 },
  ])('that returns $answer, and still encrypts, has refused the bytes', async ({ code }) => {
    await withSealed(async (driver, key, sealed) => {
      process.env['DECRYPT_ANSWERS'] = String(code);
      expect(await driver.open(aes256, key, Buffer.alloc(12), sealed)).toBeUndefined();
    });
  });

  it.each([
    { decrypt: 'CKR_GENERAL_ERROR', code: 0x5, encrypt: 'CKR_SESSION_HANDLE_INVALID', other: 0xb3 },
    { decrypt: 'CKR_FUNCTION_FAILED', code: 0x6, encrypt: 'CKR_FUNCTION_FAILED', other: 0x6 },
  ])(
    'that decrypts by $decrypt and encrypts by $encrypt has not judged the bytes',
    async ({ code, other }) => {
      await withSealed(async (driver, key, sealed) => {
        process.env['DECRYPT_ANSWERS'] = String(code);
        process.env['ENCRYPT_ANSWERS'] = String(other);
        const opening = (async () => driver.open(aes256, key, Buffer.alloc(12), sealed))();
        await expect(opening).rejects.toMatchObject({ code: 'ERR_SESSION_DRIVER', statusCode: 503 });
      });
    },
  );

  type Key = Awaited<ReturnType<Pkcs11Driver['importKey']>>;
  async function withSealed(act: (driver: Pkcs11Driver, key: Key, sealed: Buffer) => Promise<void>) {
    const driver = (await hsm.open({ library })) as Pkcs11Driver;
    const key = await driver.importKey(SECRET, 'seal');
    const sealed = await driver.seal(aes256, key, Buffer.alloc(12), Buffer.from('text'));
    await act(driver, key, sealed);
    driver.close();
  }
});
