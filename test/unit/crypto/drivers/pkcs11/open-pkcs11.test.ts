import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPkcs11 } from '../../../../../lib/crypto/drivers/pkcs11/open-pkcs11.js';
import { PKCS11 } from '../../../../../lib/crypto/drivers/pkcs11/pkcs11.row.js';
import type { DriverParams } from '../../../../../lib/crypto/drivers/driver-row.interface.js';
import { SessionConfigError } from '../../../../../lib/errors/session-config.error.js';
import { generateTokenKey } from 'nestjs-session-crypto';
import { LIBRARY, MISSING, PIN, pinOf, SoftHsm } from '../../../../support/soft-hsm.js';

const faultOf = async (params: DriverParams) => {
  const error: unknown = await openPkcs11(params, 'crypto.driver').catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(SessionConfigError);
  const { faults } = error as SessionConfigError;
  expect(String(error)).not.toContain(PIN);
  return faults.map(({ path, message }) => `${path}: ${message}`).join('\n');
};

describe('The parameters of pkcs11', () => {
  const check = (params: DriverParams) =>
    PKCS11.check!(params, 'native').map(({ param, message }) => `${param} ${message}`);

  const wrong: readonly { params: DriverParams; says: RegExp }[] = [
    { params: { label: 'app' }, says: /^library is missing; give the path/ },
    {
      params: { library: 'x.so' },
      says: /^label is missing; name the token by exactly one of slot, label, serial/,
    },
    {
      params: { library: 'x.so', slot: 0, label: 'app' },
      says: /^label is given beside slot; name the token by exactly one/,
    },
    { params: { library: 'x.so', slot: 0, serial: '1' }, says: /^serial is given beside slot/ },
  ];

  it.each(wrong)('refuse $params', ({ params, says }) => {
    expect(check(params)).toEqual([expect.stringMatching(says)]);
  });

  it('allow slot 0, a label or a serial number', () => {
    const tokens: DriverParams[] = [{ slot: 0 }, { label: 'app' }, { serial: '1' }];
    for (const token of tokens) expect(check({ library: 'x.so', ...token })).toEqual([]);
  });
});

describe('A library', () => {
  it('that does not exist is a start error', async () => {
    expect(await faultOf({ library: 'libnope-pkcs11.so', slot: 0 })).toMatch(
      /^crypto\.driverParams\.library: cannot be loaded as a PKCS#11 library: .*cannot open shared object/,
    );
  });

  it('that is not a PKCS#11 library is a start error', async () => {
    expect(await faultOf({ library: 'libm.so.6', slot: 0 })).toMatch(
      /library: cannot be loaded .*C_GetFunctionList/,
    );
  });
});

describe.skipIf(MISSING)('A library whose configuration is closed to the user', () => {
  const before = process.env['SOFTHSM2_CONF'];
  beforeAll(() => {
    process.env['SOFTHSM2_CONF'] = '/nowhere/softhsm2.conf';
  });
  afterAll(() => {
    if (before === undefined) delete process.env['SOFTHSM2_CONF'];
    else process.env['SOFTHSM2_CONF'] = before;
  });

  it('gets a hint about its configuration if it gives no reason', async () => {
    expect(await faultOf({ library: LIBRARY, label: 'app', pin: pinOf() })).toBe(
      "crypto.driverParams.library: cannot be used: C_Initialize returned CKR_GENERAL_ERROR; may this user read the library's configuration?",
    );
  });
});

describe.skipIf(MISSING)('Opening a token', () => {
  let hsm: SoftHsm;
  beforeAll(() => {
    hsm = new SoftHsm();
  });
  afterAll(() => hsm.close());

  const params = { library: LIBRARY, label: 'app', pin: pinOf() };

  it('works by slot, label and serial number', async () => {
    const tokens: DriverParams[] = [{ slot: Number(hsm.slot()) }, { label: 'app' }, { serial: hsm.serial() }];
    for (const one of tokens) {
      const driver = await openPkcs11({ library: LIBRARY, pin: pinOf(), ...one }, 'crypto.driver');
      expect(driver.name).toBe('pkcs11');
      driver.close();
    }
  });

  it.each([
    { by: 'label', value: 'apq' },
    { by: 'serial', value: '00' },
    { by: 'slot', value: 5 },
  ])('lists the tokens if a $by matches none', async ({ by, value }) => {
    const message = await faultOf({ library: LIBRARY, pin: pinOf(), [by]: value });
    expect(message).toMatch(
      new RegExp(
        `^crypto\\.driverParams\\.${by}: names no token that is present; the library shows the slots`,
      ),
    );
    for (const label of ['app', 'other']) expect(message).toContain(`label "${label}"`);
  });

  it('requires a PIN if the token does', async () => {
    expect(await faultOf({ library: LIBRARY, label: 'app' })).toMatch(
      /driverParams\.pin: is missing, and the token requires one/,
    );
  });

  it('says that the PIN is wrong, and tries it once', async () => {
    const pin = pinOf('not the PIN');
    const message = await faultOf({ ...params, pin });
    expect(message).toMatch(
      /^crypto\.driverParams\.pin: was refused by the token \(CKR_PIN_INCORRECT\); it was tried once/,
    );
    expect(message).not.toContain('not the PIN');
    expect(pin.reads).toBe(1);
  });

  it('makes a key by generateTokenKey, and names a wrong parameter', async () => {
    const options = { library: LIBRARY, label: 'app', pin: PIN };
    expect(await generateTokenKey(options, 'made')).toBe('label=made');
    await expect(generateTokenKey(options, 'made')).rejects.toThrow(/label: the token has a secret key/);
    await expect(generateTokenKey({ ...options, lable: 'app' }, 'made')).rejects.toThrow(
      /crypto\.driverParams\.lable: .*is "label" meant/,
    );
  });
});
