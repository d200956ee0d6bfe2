import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { suiteByCipher } from '../../../../../lib/crypto/suites.js';
import type { Pkcs11Driver } from '../../../../../lib/crypto/drivers/pkcs11/pkcs11.driver.js';
import { MISSING, SoftHsm } from '../../../../support/soft-hsm.js';

const LIMIT = 2048;
const aes256 = suiteByCipher.get('aes256')!;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe.skipIf(MISSING)('Imported keys', () => {
  let hsm: SoftHsm;
  let driver: Pkcs11Driver;
  beforeAll(async () => {
    hsm = new SoftHsm();
    driver = await hsm.driver();
  });
  afterAll(() => {
    driver.close();
    hsm.close();
  });

  const importKey = () => driver.importKey(Buffer.alloc(32, 3), 'seal');

  it('are destroyed in the token when their handles are collected', async () => {
    let keys: unknown[] = [];
    for (let i = 0; i < 100; i++) keys.push(await importKey());
    expect(hsm.sessionObjects()).toHaveLength(keys.length);
    keys = [];
    for (let turn = 0; hsm.sessionObjects().length > 0 && turn < 50; turn++) {
      collectGarbage();
      await nextTurn();
    }
    expect(hsm.sessionObjects()).toEqual([]);
  });

  it('cannot be read out, whatever their use', async () => {
    const keys = [await importKey(), await driver.importKey(Buffer.alloc(24, 1))];
    expect(keys).toHaveLength(2);
    const flags = hsm.sessionObjects();
    expect(flags).toHaveLength(4); // AES; HMAC, AES and 3DES
    for (const [sensitive, extractable] of flags) expect([sensitive, extractable]).toEqual([true, false]);
  });

  it('never fill the token: the oldest one is destroyed and reports that it is lost', async () => {
    const keys = [];
    for (let i = 0; i < LIMIT + 1; i++) keys.push(await importKey());
    const [oldest, second] = [keys[0]!, keys[1]!];
    expect([oldest, second].map((key) => driver.isLost(key))).toEqual([true, false]);
    expect(() => driver.seal(aes256, oldest, Buffer.alloc(12), Buffer.alloc(1))).toThrow(
      expect.objectContaining({ code: 'ERR_SESSION_DRIVER', reason: 'key lost' }),
    );
    expect(driver.seal(aes256, second, Buffer.alloc(12), Buffer.alloc(1))).toHaveLength(17);
    driver.close();
    expect(keys.every((key) => driver.isLost(key))).toBe(true);
  });
});
