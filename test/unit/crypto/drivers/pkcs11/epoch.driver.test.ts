import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { OpensslDriver } from '../../../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { SUITES, suiteByCipher } from '../../../../../lib/crypto/suites.js';
import { CKA } from '../../../../../lib/crypto/drivers/pkcs11/constants.js';
import { EpochDriver } from '../../../../../lib/crypto/drivers/pkcs11/epoch.driver.js';
import type { Pkcs11Driver } from '../../../../../lib/crypto/drivers/pkcs11/pkcs11.driver.js';
import { Envelope } from '../../../../../lib/envelope/envelope.js';
import { NO_ROW } from '../../../../../lib/envelope/envelope-context.js';
import { countingBytes, ringMaker, sidContext as context } from '../../rings.js';
import { MISSING, SoftHsm } from '../../../../support/soft-hsm.js';

const aes256 = suiteByCipher.get('aes256')!;
const TEXT = Buffer.from('a session');
const EPOCH = 600;

describe.skipIf(MISSING)('The driver with an epoch', () => {
  let hsm: SoftHsm;
  let token: Pkcs11Driver;
  beforeAll(async () => {
    hsm = new SoftHsm();
    token = await hsm.driver();
    const hidden = [
      [CKA.SENSITIVE, true],
      [CKA.EXTRACTABLE, false],
    ] as const;
    hsm.putKey('known', Buffer.concat([countingBytes(), Buffer.alloc(32)]), ...hidden);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  afterAll(() => {
    token.close();
    hsm.close();
  });

  async function start() {
    const driver = new EpochDriver(token, EPOCH);
    const ring = await ringMaker(driver).make([{ kind: 'token', bytes: Buffer.from('label=known') }]);
    const sealer = new Envelope(driver, { ring }, { suite: aes256, accepted: SUITES, cacheSize: 0 });
    return { driver, sealer, asked: vi.spyOn(token, 'expand') };
  }

  it('asks the token once for many messages', async () => {
    const { sealer, asked } = await start();
    for (let i = 0; i < 100; i++) {
      const sealed = await sealer.seal(TEXT, context, NO_ROW);
      expect(await sealer.open(sealed, context, NO_ROW)).toMatchObject({ plaintext: TEXT });
    }
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('asks the token again when the epoch has ended', async () => {
    vi.useFakeTimers();
    const { sealer, asked } = await start();
    const sealed = await sealer.seal(TEXT, context, NO_ROW);
    vi.advanceTimersByTime(EPOCH * 1000 - 1);
    await sealer.open(sealed, context, NO_ROW);
    expect(asked).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(await sealer.open(sealed, context, NO_ROW)).toMatchObject({ plaintext: TEXT });
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('seals envelopes that the token alone opens too, and Node with the bytes of its key', async () => {
    const { sealer } = await start();
    const sealed = await sealer.seal(TEXT, context, NO_ROW);
    const rings = [
      { driver: token, secret: { kind: 'token', bytes: Buffer.from('label=known') } as const },
      { driver: new OpensslDriver(), secret: { kind: 'raw', bytes: countingBytes() } as const },
    ];
    for (const { driver, secret } of rings) {
      const ring = await ringMaker(driver).make([secret]);
      const other = new Envelope(driver, { ring }, { suite: aes256, accepted: SUITES, cacheSize: 0 });
      expect(await other.open(sealed, context, NO_ROW)).toEqual({ plaintext: TEXT, stale: false });
    }
  });

  it('has every cipher of Node', () => {
    expect(new EpochDriver(token, EPOCH).ciphers).toEqual(['aes256', 'chacha20', 'aes128']);
  });

  it('holds no data key after it was closed', async () => {
    const own = await hsm.open({ epoch: EPOCH });
    const ring = await ringMaker(own).make([{ kind: 'token', bytes: Buffer.from('label=known') }]);
    const sealer = new Envelope(own, { ring }, { suite: aes256, accepted: SUITES, cacheSize: 0 });
    await sealer.seal(TEXT, context, NO_ROW);
    own.close();
    await expect((async () => sealer.seal(TEXT, context, NO_ROW))()).rejects.toMatchObject({
      reason: 'closed',
    });
  });

  it('shows no data key', async () => {
    const { driver, sealer } = await start();
    await sealer.seal(TEXT, context, NO_ROW);
    expect(inspect(driver)).toBe('EpochDriver { ciphers: aes256, chacha20, aes128 }');
    expect(JSON.stringify(driver)).toBe('{"name":"pkcs11","ciphers":["aes256","chacha20","aes128"]}');
  });

  it('works without the token until the epoch ends, then gives a typed error', async () => {
    const { driver, sealer } = await start();
    const sealed = await sealer.seal(TEXT, context, NO_ROW);
    hsm.pull();
    expect(await sealer.open(sealed, context, NO_ROW)).toMatchObject({ plaintext: TEXT });
    driver.endEpoch();
    await expect((async () => sealer.open(sealed, context, NO_ROW))()).rejects.toMatchObject({
      code: 'ERR_SESSION_DRIVER',
      statusCode: 503,
    });
    hsm.putBack();
  });
});
