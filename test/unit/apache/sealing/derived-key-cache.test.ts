import { describe, expect, it } from 'vitest';
import { PassphraseRingMaker } from '../../../../lib/apache/sealing/passphrase-ring.js';
import { APACHE_CIPHERS } from '../../../../lib/apache/sealing/ciphers.js';
import { DerivedKeyCache } from '../../../../lib/apache/sealing/derived-key-cache.js';
import { DriverCipher } from '../../../../lib/apache/sealing/driver-cipher.js';
import { OpensslDriver } from '../../../../lib/crypto/drivers/openssl/openssl.driver.js';

const AES128 = new DriverCipher(new OpensslDriver(), APACHE_CIPHERS[1]!);
const SALT = Buffer.alloc(16, 1);
const secrets = (...texts: string[]) =>
  texts.map((text) => ({ kind: 'passphrase', bytes: Buffer.from(text) }) as const);

describe('DerivedKeys', () => {
  it('gives a key at once after it was added, and not before', async () => {
    const ring = await new PassphraseRingMaker('secrets').make(secrets('a'));
    const keys = new DerivedKeyCache(10, AES128);
    const derived = await keys.get(ring.first, SALT);
    expect(keys.get(ring.first, SALT)).toBeInstanceOf(Promise);
    keys.add(ring.first, SALT, derived);
    expect(keys.get(ring.first, SALT)).toBe(derived);
  });

  it('keeps passphrases and salts apart', async () => {
    const ring = await new PassphraseRingMaker('secrets').make(secrets('a', 'b'));
    const keys = new DerivedKeyCache(10, AES128);
    keys.add(ring.first, SALT, await keys.get(ring.first, SALT));
    expect(keys.get(ring.keys[1]!.key, SALT)).toBeInstanceOf(Promise);
    expect(keys.get(ring.first, Buffer.alloc(16, 2))).toBeInstanceOf(Promise);
  });

  it('forgets at a ring change what came from a passphrase that has gone, and that alone', async () => {
    const maker = new PassphraseRingMaker('secrets');
    const ring = await maker.make(secrets('stays', 'goes'));
    const [stays, goes] = ring.keys.map(({ key }) => key);
    const keys = new DerivedKeyCache(10, AES128);
    keys.syncWith(ring);
    for (const from of [stays!, goes!]) keys.add(from, SALT, await keys.get(from, SALT));
    keys.syncWith(await maker.make(secrets('comes', 'stays')));
    expect(keys.get(stays!, SALT)).not.toBeInstanceOf(Promise);
    expect(keys.get(goes!, SALT)).toBeInstanceOf(Promise);
  });

  it('derives a key anew that its driver has lost', async () => {
    const lost = new Set<object>();
    const driver = Object.assign(new OpensslDriver(), { isLost: (key: object) => lost.has(key) });
    const keys = new DerivedKeyCache(10, new DriverCipher(driver, APACHE_CIPHERS[1]!));
    const ring = await new PassphraseRingMaker('secrets').make(secrets('a'));
    const first = await keys.get(ring.first, SALT);
    keys.add(ring.first, SALT, first);
    lost.add(first);
    const second = await keys.get(ring.first, SALT);
    expect(second).not.toBe(first);
    keys.add(ring.first, SALT, second);
    expect(keys.get(ring.first, SALT)).toBe(second);
  });
});
