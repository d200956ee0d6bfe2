import { describe, expect, it } from 'vitest';
import { apache } from '../../../lib/apache/index.js';
import { DRIVER_ROWS } from '../../../lib/crypto/drivers/driver-rows.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import type { CryptoDriver } from '../../../lib/crypto/crypto-driver.interface.js';
import { SessionConfigError } from '../../../lib/errors/session-config.error.js';
import type { CryptoOptions } from '../../../lib/options/crypto-options.interface.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type { DriverContainer } from '../../../lib/options/resolve-driver.js';

const SECRETS = [`hex:${'11'.repeat(32)}`];
const resolve = (crypto: object) =>
  resolveOptions({ crypto: { secrets: SECRETS, ...crypto } as CryptoOptions }).crypto;

function faultsOf(crypto: object): string[] {
  try {
    resolve(crypto);
  } catch (error) {
    return (error as SessionConfigError).faults.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

const NOWHERE: DriverContainer = {
  find: () => Promise.resolve(undefined),
  make: (driver) => Reflect.construct(driver, []) as unknown,
};
const providing = (found: unknown): DriverContainer => ({ ...NOWHERE, find: () => Promise.resolve(found) });

/** Counts how often it was closed. */
class Closing extends OpensslDriver {
  closed = 0;
  close(): void {
    this.closed++;
  }
}
class Broken extends OpensslDriver {
  constructor() {
    super();
    throw Object.assign(new Error('PIN 1234'), { code: 'CKR_PIN' });
  }
}
const TOKEN = Symbol('DRIVER');

describe('crypto.driver', () => {
  it.each(['openssl', undefined])("%s is Node's own OpenSSL", async (driver) => {
    const choice = resolve({ driver }).driver;
    expect(choice).toMatchObject({ name: 'openssl', description: 'openssl' });
    expect((await choice.open(NOWHERE)).driver).toBeInstanceOf(OpensslDriver);
    expect(Object.isFrozen(choice)).toBe(true);
  });

  it('lists the drivers for an unknown name, and guesses', () => {
    const names = DRIVER_ROWS.map(({ name }) => name).join(', ');
    const [fault] = faultsOf({ driver: 'opensl' });
    expect(fault).toBe(
      `crypto.driver: "opensl" is unknown; there are ${names}, or an object with the methods of CryptoDriver; is "openssl" meant?`,
    );
  });

  it.each([5, null, [], true, { name: 'mine' }, () => new OpensslDriver()])('is not %o', (driver) => {
    expect(faultsOf({ driver })).toEqual([
      expect.stringMatching(/^crypto\.driver: .* is unknown; there are openssl/),
    ]);
  });

  it.each<[string, object, string]>([
    ['some of it', { name: 'mine', seal: () => undefined, open: 5 }, 'ciphers, importKey, expand, open'],
    ['nothing of it', {}, 'name, ciphers, importKey, expand, seal, open'],
  ])('names what an object that has %s lacks', (_what, driver, lacking) => {
    expect(faultsOf({ driver })).toEqual([
      expect.stringMatching(
        new RegExp(`or an object with the methods of CryptoDriver; this one lacks ${lacking}$`),
      ),
    ]);
  });

  it('lists an unknown cipher and an unknown parameter together', () => {
    expect(faultsOf({ cipher: 'aes512', driverParams: { engin: 'gost' } })).toEqual([
      'crypto.driverParams.engin: is unknown to driver "openssl"; it has engine; is "engine" meant?',
      'crypto.cipher: "aes512" is unknown to driver "openssl"; it has aes256, chacha20, aes128',
    ]);
  });

  it('has no engine for the native format, and has one for a foreign format', () => {
    const driverParams = { engine: 'gost' };
    expect(faultsOf({ driverParams })).toEqual([
      expect.stringMatching(/^crypto\.driverParams\.engine: an engine acts on CBC/),
    ]);
    expect(faultsOf({ driverParams: { engine: 'openssl' } })).toEqual([]);
    const { driver } = resolve({ secrets: undefined, driverParams, format: apache({ secrets: ['x'] }) });
    expect(driver.description).toBe('openssl engine=gost');
  });

  it('shows the choice, and nothing else', () => {
    expect(JSON.stringify(resolve({ driver: new Closing() }).driver)).toBe(
      '{"name":"openssl","description":"an instance of \\"openssl\\"","builtIn":false,"ciphers":["aes256","chacha20","aes128"],"cbcCiphers":["3des192","aes128","aes192","aes256"]}',
    );
  });
});

describe("a driver of the application's own", () => {
  it("as an instance is taken as it is, and is its owner's to close", async () => {
    const driver = new Closing();
    const opened = await resolve({ driver }).driver.open(NOWHERE);
    await opened.close();
    expect([opened.driver, driver.closed]).toEqual([driver, 0]);
  });

  it('as a class is made, and closed', async () => {
    const opened = await resolve({ driver: Closing }).driver.open(NOWHERE);
    await opened.close();
    expect((opened.driver as Closing).closed).toBe(1);
  });

  it.each([Closing, TOKEN])(
    'as a provider (%o) is taken from the container, which closes it',
    async (driver) => {
      const provided = new Closing();
      const opened = await resolve({ driver }).driver.open(providing(provided));
      await opened.close();
      expect([opened.driver, provided.closed]).toEqual([provided, 0]);
    },
  );

  it.each<[string, unknown, DriverContainer, RegExp]>([
    [
      'a symbol without a provider',
      TOKEN,
      NOWHERE,
      /^Symbol\(DRIVER\) has no provider that the module can see/,
    ],
    [
      'something else',
      TOKEN,
      providing({ name: 'x' }),
      /^Symbol\(DRIVER\) gives an object; needed is .*; this one lacks ciphers, importKey, expand, seal, open$/,
    ],
    ['a class of something else', Map, NOWHERE, /^the class Map gives Map; needed is/],
    ['a class that throws', Broken, NOWHERE, /^the class Broken cannot be opened \(CKR_PIN\)$/],
  ])('stops the start: %s', async (_what, driver, container, says) => {
    const opening = resolve({ driver }).driver.open(container);
    await expect(opening).rejects.toBeInstanceOf(SessionConfigError);
    await expect(opening).rejects.toMatchObject({
      faults: [{ path: 'crypto.driver', message: expect.stringMatching(says) }],
    });
  });

  it.each([new OpensslDriver(), Closing, TOKEN])('takes no driverParams: %o', (driver) => {
    expect(faultsOf({ driver, driverParams: {} })).toEqual([
      expect.stringMatching(
        /^crypto\.driverParams: is only for a driver that crypto\.driver chooses by name/,
      ),
    ]);
  });

  it('must have the cipher, as far as it is known before the start', () => {
    const driver = Object.assign(new OpensslDriver(), { name: 'mine', ciphers: ['chacha20'] });
    expect(faultsOf({ driver })).toEqual([
      'crypto.cipher: "aes256", the default, is unknown to driver "mine"; set crypto.cipher to chacha20',
    ]);
    expect(faultsOf({ driver, cipher: 'aes256' })).toEqual([
      'crypto.cipher: "aes256" is unknown to driver "mine"; it has chacha20',
    ]);
    const two = Object.assign(new OpensslDriver(), { name: 'two', ciphers: ['chacha20', 'aes128'] });
    expect(faultsOf({ driver: two })).toEqual([
      'crypto.cipher: "aes256", the default, is unknown to driver "two"; set crypto.cipher to chacha20 or aes128',
    ]);
    const none = Object.assign(new OpensslDriver(), { name: 'none', ciphers: [] });
    expect(faultsOf({ driver: none })).toEqual([
      'crypto.cipher: "aes256", the default, is unknown to driver "none"; it has none',
    ]);
    expect(faultsOf({ driver: TOKEN })).toEqual([]);
  });

  it('must have the CBC cipher of a foreign format, as far as it is known before the start', () => {
    const without = { ...asObject(new OpensslDriver()), name: 'mine' };
    const format = apache({ secrets: ['x'] });
    const [fault] = faultsOf({ secrets: undefined, driver: without, format });
    expect(fault).toMatch(
      /^crypto\.format\.cipher: "aes256" is unknown to driver "mine", which has no cipher of the Apache format/,
    );
    const cookie = { name: 'httpd' };
    const accept = [apache({ secrets: ['x'], cookie, until: new Date('2099-01-01') })];
    expect(faultsOf({ driver: without, accept })).toEqual([
      expect.stringMatching(/^crypto\.accept\[0\]\.cipher: "aes256" is unknown to driver "mine"/),
    ]);
  });
});

/** Returns the methods of a driver, without CBC. */
const asObject = (openssl: OpensslDriver): CryptoDriver => ({
  name: openssl.name,
  ciphers: openssl.ciphers,
  importKey: (bytes) => openssl.importKey(bytes),
  expand: (key, info, length) => openssl.expand(key as never, info, length),
  seal: (suite, key, ...rest) => openssl.seal(suite, key as never, ...rest),
  open: (suite, key, ...rest) => openssl.open(suite, key as never, ...rest),
});
