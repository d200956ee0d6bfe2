import type { CryptoDriver } from '../../crypto/crypto-driver.interface.js';
import { OpensslDriver } from '../../crypto/drivers/openssl/openssl.driver.js';
import { KeyRingFactory } from '../../crypto/key-ring-factory.js';
import type { KeyRing } from '../../crypto/key-ring.js';
import { stretchPassphrase } from '../../crypto/passphrase.js';
import { hintText } from '../../crypto/key-hint.js';
import type { KeyVector, PassphraseVector } from './vectors.interface.js';

/** A ring whose keys everybody knows. */
export interface KnownRing {
  readonly driver: CryptoDriver;
  readonly ring: KeyRing;
  readonly vector: KeyVector;
}

/** Uses and bytes of the subkeys. */
const SUBKEYS = { kid: 4, seal: 32, 'seal-aes128': 16, ref: 32, csrf: 32 } as const;

/** Returns the ring of the key 00 01 … 1f, or of its bytes in another order. */
export async function knownRing(name: string, first: number): Promise<KnownRing> {
  const driver: CryptoDriver = new OpensslDriver();
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, i) => (first + i) % 256));
  const subkeys: Record<string, string> = {};
  const input = await driver.importKey(bytes, 'expand');
  for (const [use, length] of Object.entries(SUBKEYS)) {
    const info = Buffer.from(`session-crypto/v1/${use}\0${name}`);
    subkeys[use] = (await driver.expand(input, info, length)).toString('hex');
  }
  const secret = { kind: 'raw', bytes: Buffer.from(bytes) } as const;
  const ring = await new KeyRingFactory(driver, { ring: name, salt: '' }).make([secret]);
  const hint = hintText(ring.first.hint);
  return { driver, ring, vector: { ring: name, bytes: bytes.toString('hex'), hint, subkeys } };
}

const PASSPHRASES = [
  { passphrase: 'correct horse battery staple', ring: 'default', salt: '' },
  { passphrase: 'пароль из многих слов', ring: 'staff', salt: 'a salt' },
] as const;

/** Returns passphrases with their input keys. Each takes 128 MiB for a moment. */
export async function passphraseVectors(): Promise<PassphraseVector[]> {
  const vectors: PassphraseVector[] = [];
  for (const one of PASSPHRASES) {
    const key = await stretchPassphrase(Buffer.from(one.passphrase), one.ring, one.salt);
    vectors.push({ ...one, inputKey: key.toString('hex') });
  }
  return vectors;
}
