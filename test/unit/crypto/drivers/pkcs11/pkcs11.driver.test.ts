import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OpensslDriver } from '../../../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { KeyRingFactory } from '../../../../../lib/crypto/key-ring-factory.js';
import { SUITES, suiteByCipher } from '../../../../../lib/crypto/suites.js';
import type { CryptoDriver } from '../../../../../lib/crypto/crypto-driver.interface.js';
import { CKA } from '../../../../../lib/crypto/drivers/pkcs11/constants.js';
import type { Pkcs11Driver } from '../../../../../lib/crypto/drivers/pkcs11/pkcs11.driver.js';
import { TokenSession } from '../../../../../lib/crypto/drivers/pkcs11/token-session.js';
import { Envelope } from '../../../../../lib/envelope/envelope.js';
import { NO_ROW } from '../../../../../lib/envelope/envelope-context.js';
import { SessionConfigError } from '../../../../../lib/errors/session-config.error.js';
import { countingBytes, rawSecret, ringMaker, sidContext as context } from '../../rings.js';
import { MISSING, SoftHsm } from '../../../../support/soft-hsm.js';

const HIDDEN = [
  [CKA.SENSITIVE, true],
  [CKA.EXTRACTABLE, false],
] as const;
const aes256 = suiteByCipher.get('aes256')!;

/** An envelope over the key that an entry of `crypto.secrets` refers to. */
async function envelopeOf(
  driver: CryptoDriver,
  secret: Parameters<KeyRingFactory['make']>[0][number],
  suite = aes256,
) {
  const ring = await ringMaker(driver).make([secret]);
  return new Envelope(driver, { ring }, { suite, accepted: SUITES, cacheSize: 10 });
}

const tokenSecret = (reference: string) => ({
  kind: 'token' as const,
  bytes: Buffer.from(reference),
  path: 'crypto.secrets[0].key',
});

describe.skipIf(MISSING)('Pkcs11Driver', () => {
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

  const failure = async (reference: string) => {
    try {
      return await driver.openKey(reference, 'crypto.secrets[0].key');
    } catch (error) {
      return error;
    }
  };
  const fault = async (reference: string) => String((await failure(reference)) as SessionConfigError);

  it('has every cipher of Node', () => {
    expect(driver.ciphers).toEqual(['aes256', 'chacha20', 'aes128']);
    expect(driver.cbc.ciphers).toEqual(['3des192', 'aes128', 'aes192', 'aes256']);
  });

  it.each(['aes256', 'aes128', 'chacha20'])(
    'seals under a key that never leaves the token what Node opens under its bytes, by %s, and the other way round',
    async (cipher) => {
      const suite = suiteByCipher.get(cipher)!;
      hsm.putKey(`known-${cipher}`, Buffer.concat([countingBytes(), Buffer.alloc(32)]), ...HIDDEN);
      const inToken = await envelopeOf(driver, tokenSecret(`label=known-${cipher}`), suite);
      const outside = await envelopeOf(new OpensslDriver(), { kind: 'raw', bytes: countingBytes() }, suite);
      const text = Buffer.from('the same session');
      for (const [from, to] of [
        [inToken, outside],
        [outside, inToken],
      ] as const)
        expect(await to.open(await from.seal(text, context, NO_ROW), context, NO_ROW)).toEqual({
          plaintext: text,
          stale: false,
        });
    },
  );

  it('accepts raw keys and passphrases beside keys in the token', async () => {
    const inside = await envelopeOf(driver, rawSecret(3));
    const outside = await envelopeOf(new OpensslDriver(), rawSecret(3));
    const sealed = await inside.seal(Buffer.from('text'), context, NO_ROW);
    expect(await outside.open(sealed, context, NO_ROW)).toMatchObject({ stale: false });
  });

  it('makes a key in the token that cannot be read out, and finds it by its label only', async () => {
    expect(await driver.generateKey('sessions-2026')).toBe('label=sessions-2026');
    const [one, again] = await Promise.all([
      ringMaker(driver).make([tokenSecret('label=sessions-2026')]),
      ringMaker(driver).make([tokenSecret('label=sessions-2026')]),
    ]);
    expect(one.first.hint).toBe(again.first.hint);
    await driver.generateKey('sessions-2027');
    expect((await ringMaker(driver).make([tokenSecret('label=sessions-2027')])).first.hint).not.toBe(
      one.first.hint,
    );
  });

  it('refuses a second key with the same label', async () => {
    await driver.generateKey('single');
    expect(() => driver.generateKey('single')).toThrow(
      /label: the token has a secret key "label=single" already/,
    );
  });

  it('finds a key by its id', async () => {
    hsm.putKey('with an id', Buffer.alloc(64, 5), [CKA.ID, Buffer.from('0a1b', 'hex')], ...HIDDEN);
    expect(await failure('id=0a1B')).not.toBeInstanceOf(Error);
  });

  it('lists the keys if a reference matches none', async () => {
    await driver.generateKey('listed');
    expect(await fault('label=missing')).toMatch(
      /crypto\.secrets\[0\]\.key: names no secret key that the token shows; it has .*"label=listed"/,
    );
  });

  it('refuses a reference that matches two keys', async () => {
    hsm.putKey('twice', Buffer.alloc(64, 1), ...HIDDEN);
    hsm.putKey('twice', Buffer.alloc(64, 2), ...HIDDEN);
    expect(await fault('label=twice')).toMatch(/names 2 secret keys of the token/);
  });

  it.each([
    {
      what: 'extractable',
      attributes: [
        [CKA.SENSITIVE, true],
        [CKA.EXTRACTABLE, true],
      ] as const,
    },
    {
      what: 'not sensitive',
      attributes: [
        [CKA.SENSITIVE, false],
        [CKA.EXTRACTABLE, false],
      ] as const,
    },
  ])('refuses a key that is $what', async ({ what, attributes }) => {
    hsm.putKey(what, Buffer.alloc(64, 9), ...attributes);
    expect(await fault(`label=${what}`)).toMatch(/could leave the token/);
  });

  it('refuses a key that the token rejects for HMAC-SHA-512, and says which length works', async () => {
    hsm.putKey('short', Buffer.alloc(20, 9), ...HIDDEN);
    expect(await fault('label=short')).toMatch(
      /refused for CKM_SHA512_HMAC \(CKR_KEY_SIZE_RANGE\); a key of 64 bytes/,
    );
  });

  it.each(['sessions-2026', 'label=', 'id=', 'id=0a1', 'id=xy', 'slot=1'])(
    'refuses the name "%s"',
    async (name) => {
      expect(await failure(name)).toBeInstanceOf(SessionConfigError);
      expect(await fault(name)).toMatch(/is not a reference to a key in a token; allowed are "label=/);
    },
  );

  it('asks the token once for each epoch, whether it seals or opens', async () => {
    await driver.generateKey('counted');
    const writers = [await envelopeOf(driver, tokenSecret('label=counted'))];
    writers.push(await envelopeOf(driver, tokenSecret('label=counted')));
    const reader = await envelopeOf(driver, tokenSecret('label=counted'));
    const signed = vi.spyOn(TokenSession.prototype, 'hmac');
    for (let i = 0; i < 100; i++)
      for (const writer of writers) {
        const sealed = await writer.seal(Buffer.from(`text ${i}`), context, NO_ROW);
        for (const envelope of [writer, reader])
          expect(await envelope.open(sealed, context, NO_ROW)).toMatchObject({ stale: false });
      }
    expect(signed).toHaveBeenCalledTimes(4); // two epochs, each sealed by one envelope and opened by another
    signed.mockRestore();
  });

  it('creates no object in the token to seal and open', async () => {
    await driver.generateKey('objects');
    const envelope = await envelopeOf(driver, tokenSecret('label=objects'));
    await envelope.open(await envelope.seal(Buffer.from('text'), context, NO_ROW), context, NO_ROW);
    expect(hsm.sessionObjects()).toEqual([]);
  });

  it('refuses to expand to no byte before the token sees it', async () => {
    await driver.generateKey('expanded');
    const key = await driver.openKey('label=expanded', 'path');
    expect(() => driver.expand(key, Buffer.alloc(1), 0)).toThrow(RangeError);
  });

  it('shows neither session nor keys', async () => {
    await driver.generateKey('shown');
    expect(inspect(driver)).toBe('Pkcs11Driver { ciphers: aes256, chacha20, aes128 }');
    expect(JSON.stringify(driver)).toBe('{"name":"pkcs11","ciphers":["aes256","chacha20","aes128"]}');
    const found = await driver.openKey('label=shown', 'path');
    const keys = [found, await driver.derive(found, Buffer.from('info'), 32)];
    expect(inspect(keys)).toBe('[ FoundKey, DataKey ]');
    expect(JSON.stringify(keys)).toBe('[{},{}]');
  });
});
