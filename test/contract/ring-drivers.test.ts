import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CryptoDriver } from '../../lib/crypto/crypto-driver.interface.js';
import type { Pkcs11Driver } from '../../lib/crypto/drivers/pkcs11/pkcs11.driver.js';
import type { SecretOption } from '../../lib/crypto/key-source.interface.js';
import { SUITES } from '../../lib/crypto/suites.js';
import { Envelope, type Opened } from '../../lib/envelope/envelope.js';
import { NO_ROW } from '../../lib/envelope/envelope-context.js';
import { readDriverParams } from '../../lib/options/driver-params.js';
import { OptionReader } from '../../lib/options/option-reader.js';
import type { ManagedKeys } from '../../lib/ring/managed-keys.js';
import { driverSetups, softToken, type DriverSetup } from '../support/drivers.js';
import { sidContext } from '../unit/crypto/rings.js';
import { DAY, Fleet, idsOf, secretOf } from '../unit/ring/fleet.js';

const token = softToken();
const usable = (await driverSetups(token)).filter(({ missing }) => !missing);
const drivers = new Map<DriverSetup, CryptoDriver>();

afterAll(async () => {
  for (const driver of drivers.values()) await driver.close?.();
  token.close();
});

/** Returns the opened driver of a setup. The whole file shares it. */
async function opened(setup: DriverSetup): Promise<CryptoDriver> {
  const { row, params } = setup;
  const read = readDriverParams(
    new OptionReader('crypto', { driverParams: params }, []),
    row,
    params,
    'native',
  );
  const driver = drivers.get(setup) ?? (await row.open(read, 'crypto.driver'));
  drivers.set(setup, driver);
  return driver;
}

async function start(fleet: Fleet, ...args: Parameters<Fleet['build']>): Promise<ManagedKeys> {
  const keys = await fleet.start(...args);
  onTestFinished(() => keys.stop());
  return keys;
}

const TEXT = Buffer.from('a session');

describe.each(usable)('a managed ring with driver $title', (setup) => {
  let driver: CryptoDriver;
  let options: object;
  beforeAll(async () => {
    driver = await opened(setup);
    options = { cipher: driver.ciphers[0] };
  });

  it('makes keys that seal, wraps them, and opens by the old key what is still sealed by it', async () => {
    const fleet = new Fleet(driver);
    const [one, two] = [
      await start(fleet, [secretOf('11')], {}, options),
      await start(fleet, [secretOf('11')], {}, options),
    ];
    const suite = SUITES.find(({ cipher }) => cipher === driver.ciphers[0])!;
    const envelope = (keys: ManagedKeys) =>
      new Envelope(driver, keys, { suite, accepted: [suite], cacheSize: 10 });
    const [sealing, opening] = [envelope(one), envelope(two)];
    const sealed = await sealing.seal(TEXT, sidContext, NO_ROW);
    for (const days of [88, 2]) {
      fleet.pass(days * DAY);
      await one.followQuietly();
      await two.followQuietly();
    }
    expect(await idsOf(two, fleet)).toEqual([2, 1]);
    expect(await opening.open(sealed, sidContext, NO_ROW)).toEqual({ plaintext: TEXT, stale: true });
    const anew = await sealing.seal(TEXT, sidContext, NO_ROW);
    expect(((await opening.open(anew, sidContext, NO_ROW)) as Opened).stale).toBe(false);
  });

  it('says which secret is missing', async () => {
    const fleet = new Fleet(driver);
    await start(fleet, [secretOf('11')], {}, options);
    const other = await fleet.build([secretOf('22')], {}, options);
    await expect(other.open(() => undefined)).rejects.toThrow(/hint [0-9a-f]{8}, which is missing/);
  });
});

describe.each(usable.filter(({ row }) => row.name === 'pkcs11'))(
  'keys wrapped by a key of a token',
  (setup) => {
    it('open in every process that has the token, and in none with another key', async () => {
      const driver = (await opened(setup)) as Pkcs11Driver;
      const [key, another] = [await driver.generateKey('wrap'), await driver.generateKey('another')];
      const secrets = (reference: string): SecretOption[] => [{ key: reference }];
      const fleet = new Fleet(driver);
      const one = await start(fleet, secrets(key));
      const two = await start(fleet, secrets(key));
      expect(two.ring.first.hint).toBe(one.ring.first.hint);
      const other = await fleet.build(secrets(another));
      await expect(other.open(() => undefined)).rejects.toThrow(/which is missing/);
      const three = await start(fleet, [{ key: another }, { key }]);
      expect(three.ring.first.hint).toBe(one.ring.first.hint);
      expect((await start(fleet, secrets(another))).ring.first.hint).toBe(one.ring.first.hint);
    });
  },
);
