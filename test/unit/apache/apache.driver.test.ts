import { describe, expect, it } from 'vitest';
import { apache, ApacheEnvelope, type ApacheCipherName } from '../../../lib/apache/index.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import type { CbcDriver, CryptoDriver } from '../../../lib/crypto/crypto-driver.interface.js';
import { SessionConfigError } from '../../../lib/errors/session-config.error.js';
import type { OpenedRecord } from '../../../lib/persistence/record-codec.interface.js';

const SECRETS = ['a passphrase of httpd'];
const CIPHERS: readonly ApacheCipherName[] = ['3des192', 'aes128', 'aes192', 'aes256'];
const openssl = new OpensslDriver();
type Encrypt = Parameters<OpensslDriver['cbc']['encrypt']>;
type Decrypt = Parameters<OpensslDriver['cbc']['decrypt']>;

const driverWith = (cbc: Partial<CbcDriver> | undefined): CryptoDriver => ({
  name: 'mine',
  ciphers: openssl.ciphers,
  importKey: (bytes) => openssl.importKey(bytes),
  expand: (key, info, length) => openssl.expand(key as never, info, length),
  seal: (suite, key, ...rest) => openssl.seal(suite, key as never, ...rest),
  open: (suite, key, ...rest) => openssl.open(suite, key as never, ...rest),
  ...(cbc && {
    cbc: {
      ciphers: openssl.cbc.ciphers,
      encrypt: (...args) => openssl.cbc.encrypt(...(args as Encrypt)),
      decrypt: (...args) => openssl.cbc.decrypt(...(args as Decrypt)),
      ...cbc,
    },
  }),
});

/** After up to four turns of the event loop, by a number that only looks random. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
let calls = 0;
const slow = driverWith({
  encrypt: async (...args) => {
    await turns((calls++ * 7) % 5);
    return openssl.cbc.encrypt(...(args as Encrypt));
  },
  decrypt: async (...args) => {
    await turns((calls++ * 3) % 5);
    return openssl.cbc.decrypt(...(args as Decrypt));
  },
});

describe.each(CIPHERS)('the Apache format through a driver that answers later, %s', (cipher) => {
  const plain = new ApacheEnvelope({ secrets: SECRETS, cipher });
  const late = new ApacheEnvelope({ secrets: SECRETS, cipher, driver: slow });

  it('opens what OpenSSL sealed, and OpenSSL what it sealed', async () => {
    const opened = [await late.open(await plain.seal('a=1')), await plain.open(await late.seal('a=1'))];
    expect(opened.map((one) => one!.plaintext.toString())).toEqual(['a=1', 'a=1']);
  });

  it('mixes up nothing in 1,000 calls at once, on buffers that are wiped behind them', async () => {
    const texts = Array.from({ length: 1000 }, (_, i) => `n=${i}&${'x'.repeat(i % 40)}`);
    const sealed = await Promise.all(
      texts.map(async (text) => {
        const bytes = Buffer.from(text);
        const sealing = late.seal(bytes);
        bytes.fill(0);
        return sealing;
      }),
    );
    const opened = await Promise.all(sealed.map((one) => late.open(one)));
    expect(opened.map((one) => one!.plaintext.toString())).toEqual(texts);
  });

  it('refuses what was changed before the driver is asked', async () => {
    const sealed = Buffer.from(await plain.seal('a=1'), 'base64');
    sealed[sealed.length - 1]! ^= 1;
    const before = calls;
    expect(late.open(sealed.toString('base64'))).toBeUndefined();
    expect(calls).toBe(before);
  });
});

it('wipes a text also when the driver fails', async () => {
  let seen: Uint8Array | undefined;
  const driver = driverWith({
    encrypt: (_cipher, _key, _iv, text) => {
      seen = text;
      return Promise.reject(new Error('the token is gone'));
    },
  });
  await expect(new ApacheEnvelope({ secrets: SECRETS, driver }).seal('a=1')).rejects.toThrow('the token');
  expect(Buffer.from(seen!)).toEqual(Buffer.alloc(3));
});

describe('apache() at the start', () => {
  const start = (driver: CryptoDriver, cipher: ApacheCipherName = 'aes256') =>
    apache({ secrets: SECRETS, cipher }).start(
      'crypto.format',
      { interval: 0, watch: false },
      { reloaded: () => undefined, failed: () => undefined },
      driver,
    );

  it.each(CIPHERS)('is content with OpenSSL and %s, plain or later', async (cipher) => {
    for (const driver of [openssl, slow]) (await start(driver, cipher)).keys.stop();
  });

  it('gives a codec that asks the driver', async () => {
    const { codec, keys } = await start(slow);
    const timeouts = {
      idleTimeout: 0,
      absoluteTimeout: 0,
      regenerateInterval: 0,
      graceTime: 0,
      touchInterval: 0,
    };
    const sealed = await new ApacheEnvelope({ secrets: SECRETS }).seal('a=1');
    const before = calls;
    const opened = await codec({ timeouts, payloadLimit: 1000, now: () => 1e9 }).open(sealed);
    expect([(opened as OpenedRecord).record.data, calls]).toEqual([{ a: '1' }, before + 1]);
    keys.stop();
  });

  it.each<[string, CryptoDriver, string, RegExp]>([
    ['has no CBC', driverWith(undefined), 'crypto.format.cipher', /which has no cipher of the Apache format/],
    [
      'has another cipher',
      driverWith({ ciphers: ['aes128'] }),
      'crypto.format.cipher',
      /^"aes256" is unknown to driver "mine"; it has aes128$/,
    ],
    [
      'answers wrongly',
      driverWith({ encrypt: (_cipher, _key, _iv, text) => Buffer.from(text) }),
      'crypto.driver',
      /^"mine" fails its self-test: aes256-cbc encrypts wrongly$/,
    ],
    [
      'throws',
      driverWith({
        decrypt: () => {
          throw Object.assign(new Error('PIN 1234'), { code: 'CKR_GENERAL_ERROR' });
        },
      }),
      'crypto.driver',
      /^"mine" fails its self-test: it threw \(CKR_GENERAL_ERROR\)$/,
    ],
  ])('stops where the driver %s', async (_what, driver, path, says) => {
    const starting = start(driver);
    await expect(starting).rejects.toBeInstanceOf(SessionConfigError);
    await expect(starting).rejects.toMatchObject({
      faults: [{ path, message: expect.stringMatching(says) }],
    });
  });
});

describe('new ApacheEnvelope({ driver })', () => {
  it.each<[unknown, RegExp]>([
    [5, /driver: is a number; allowed is an object with the methods of CryptoDriver/],
    [{}, /driver: is an object; allowed/],
    [driverWith(undefined), /driver: "aes256" is unknown to driver "mine", which has no cipher/],
    [driverWith({ ciphers: ['3des192'] }), /driver: "aes256" is unknown to driver "mine"; it has 3des192/],
  ])('is not %o', (driver, says) => {
    expect(() => new ApacheEnvelope({ secrets: SECRETS, driver: driver as CryptoDriver })).toThrow(says);
  });
});
