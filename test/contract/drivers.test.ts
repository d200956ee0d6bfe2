import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSealer, type CryptoDriver, type Sealer } from 'nestjs-session-crypto';
import { driverContract } from 'nestjs-session-crypto/testing';
import { readDriverParams } from '../../lib/options/driver-params.js';
import { OptionReader } from '../../lib/options/option-reader.js';
import { driverSetups, PACKAGES, softToken, type DriverSetup } from '../support/drivers.js';

/** Set by test/drivers/run.mjs: no driver may be skipped. */
const ALL = process.env['DRIVERS_LIVE'] === '1';
const token = softToken();
const setups = await driverSetups(token);
const usable = setups.filter(({ missing }) => !missing);
const drivers = new Map<DriverSetup, CryptoDriver>();

afterAll(async () => {
  for (const driver of drivers.values()) await driver.close?.();
  token.close();
});

/** Returns the opened driver of a setup. The whole file shares it. */
async function opened(setup: DriverSetup): Promise<CryptoDriver> {
  const { row, params } = setup;
  const reader = new OptionReader('crypto', { driverParams: params }, []);
  const read = () => readDriverParams(reader, row, params, 'native');
  const driver = drivers.get(setup) ?? (await row.open(read(), 'crypto.driver'));
  drivers.set(setup, driver);
  return driver;
}

for (const { title, missing } of setups.filter((setup) => setup.missing)) {
  console.warn(`skipped: driver ${title} ${missing}`);
  it.runIf(ALL)(`can use ${title} (apt-get install ${PACKAGES})`, () => expect(missing).toBeUndefined());
}

describe.each(usable)('Driver $title', (setup) => {
  let driver: CryptoDriver;
  beforeAll(async () => {
    driver = await opened(setup);
  });

  it('has only ciphers that its row names', () => {
    expect(setup.row.ciphers).toEqual(expect.arrayContaining([...driver.ciphers]));
    expect(setup.row.cbcCiphers).toEqual(expect.arrayContaining([...(driver.cbc?.ciphers ?? [])]));
  });

  for (const { title, applies, run } of driverContract)
    it(title, async ({ skip }) => {
      if (!applies(driver)) skip('it has no such cipher');
      await run(driver);
    });
});

describe.each(['aes256', 'aes128', 'chacha20'] as const)('An envelope under %s', (cipher) => {
  const secrets = [randomBytes(32)];
  const texts = [0, 1, 500, 40_000, 1_048_576].map((length) => randomBytes(length));
  const sealers = new Map<string, Sealer>();

  beforeAll(async () => {
    for (const setup of usable) {
      const driver = await opened(setup);
      if (driver.ciphers.includes(cipher))
        sealers.set(setup.title, await createSealer({ driver, secrets, cipher, keyCache: 0 }));
    }
  });
  afterAll(() => Promise.all([...sealers.values()].map((sealer) => sealer.close())));

  const having = usable.filter(({ row }) => row.ciphers.includes(cipher));
  describe.each(having)('with driver $title', ({ title }) => {
    it('is opened by every driver', async ({ skip }) => {
      const own = sealers.get(title) ?? skip(`it has no ${cipher} here`);
      for (const text of texts) {
        const sealed = await own.seal(text, 'context');
        for (const [name, sealer] of sealers)
          expect((await sealer.open(sealed, 'context')).equals(text), `${name}, ${text.length}`).toBe(true);
      }
    });

    it('is refused if it was forged or belongs to another context', async ({ skip }) => {
      const own = sealers.get(title) ?? skip(`it has no ${cipher} here`);
      for (const sealer of sealers.values()) {
        const sealed = await sealer.seal('text', 'context');
        const forged = `${sealed.slice(0, -4)}${sealed.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
        const refused = { code: 'ERR_ENVELOPE' };
        await expect(own.open(forged, 'context')).rejects.toMatchObject(refused);
        await expect(own.open(sealed, 'elsewhere')).rejects.toMatchObject(refused);
      }
    });
  });
});
