import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSealer } from 'nestjs-session-crypto';
import { Cryptoki } from '../../../../../lib/crypto/drivers/pkcs11/cryptoki.js';
import { TokenConnection } from '../../../../../lib/crypto/drivers/pkcs11/token-connection.js';
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
    delete process.env['SIGN_ANSWERS'];
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
  const started = async () => (await createSealer(options)).close();

  it('starts if it returns right results', async () => {
    await expect(started()).resolves.toBeUndefined();
  });

  it('is asked for the number of its slots first, which makes it look for new ones', async () => {
    process.env['WRONG'] = 'slots';
    await expect(started()).resolves.toBeUndefined();
  });

  it.each([
    { wrong: 'sign', says: /fails its self-test: HKDF-Expand-SHA-512 gives a wrong answer/ },
    { wrong: 'sign length', says: /fails its self-test: it threw \(CKR_BUFFER_TOO_SMALL\)/ },
    { wrong: 'sign short', says: /fails its self-test: it threw \(wrong length\)/ },
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

  it('starts if it lets nobody create keys from bytes, as many modules do', async () => {
    process.env['WRONG'] = 'no keys from outside';
    await expect(started()).resolves.toBeUndefined();
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

  it.each([
    { wrong: 'last try', reason: 'last try' },
    { wrong: 'locked', reason: 'CKR_PIN_LOCKED' },
  ])('is offered the PIN when the operator has mended it: $wrong', async ({ wrong, reason }) => {
    const logins = koffi.load(library).func('stub_logins', 'ulong', []);
    const before = Number(logins());
    let now = 0;
    const choice = { by: 'label', value: 'app' } as const;
    const connection = new TokenConnection(new Cryptoki(koffi, library), choice, pinOf(), () => now);
    process.env['WRONG'] = wrong;
    for (; now < 3000; now += 1000) await expect(connection.start()).rejects.toMatchObject({ reason });
    expect(Number(logins())).toBe(before);
    delete process.env['WRONG'];
    await expect(connection.start()).resolves.toBeDefined();
    expect(Number(logins())).toBe(before + 1);
    connection.close();
  });

  it('is offered the right PIN again when it was locked without a flag, and is unlocked', async () => {
    let now = 0;
    const choice = { by: 'label', value: 'app' } as const;
    const connection = new TokenConnection(new Cryptoki(koffi, library), choice, pinOf(), () => now);
    process.env['WRONG'] = 'locked by others';
    await expect(connection.start()).rejects.toMatchObject({ reason: 'CKR_PIN_LOCKED' });
    delete process.env['WRONG'];
    now = 1000;
    await expect(connection.start()).resolves.toBeDefined();
    connection.close();
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
    { answer: 'CKR_USER_NOT_LOGGED_IN', code: 0x101 },
    { answer: 'CKR_GENERAL_ERROR', code: 0x5 },
    { answer: 'a code of its own', code: 0x80000001 },
  ])('that returns $answer has not judged the bytes', async ({ code }) => {
    const driver = await hsm.open({ library });
    await driver.generateKey(`judged ${code}`);
    const key = await driver.openKey(`label=judged ${code}`, 'path');
    process.env['SIGN_ANSWERS'] = String(code);
    const opening = (async () => driver.expand(key, Buffer.from('info'), 64))();
    await expect(opening).rejects.toMatchObject({ code: 'ERR_SESSION_DRIVER', statusCode: 503 });
    driver.close();
  });
});
