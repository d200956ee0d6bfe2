import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { SUITES, suiteByCipher, type Suite } from '../../../lib/crypto/suites.js';
import type { CryptoDriver } from '../../../lib/crypto/crypto-driver.interface.js';
import type { KeyRing } from '../../../lib/crypto/key-ring.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { EnvelopeContext, type ContextItems } from '../../../lib/envelope/envelope-context.js';

/** The context of the known answer. */
export const ITEMS: ContextItems = {
  purpose: 'session',
  store: 'cookie',
  name: '__Host-sid',
  tenant: '',
  audience: 'app.example',
};

export const context = (items: Partial<ContextItems> = {}): EnvelopeContext =>
  new EnvelopeContext({ ...ITEMS, ...items });

export const suiteOf = (cipher: string): Suite => suiteByCipher.get(cipher)!;

interface Options {
  readonly suite?: Suite;
  readonly accepted?: readonly Suite[];
  readonly cacheSize?: number;
  readonly driver?: CryptoDriver;
  readonly epochSeconds?: number;
  readonly now?: () => number;
}

/** An envelope that accepts every suite. */
export function envelopeOf(
  keys: { ring: KeyRing },
  {
    suite = suiteOf('aes256'),
    accepted = SUITES,
    cacheSize = 100,
    driver = new OpensslDriver(),
    ...epoch
  }: Options = {},
): Envelope {
  return new Envelope(driver, keys, { suite, accepted, cacheSize, ...epoch });
}

export const flipped = (bytes: Buffer, bit: number): Buffer => {
  const forged = Buffer.from(bytes);
  forged[bit >> 3]! ^= 1 << (bit & 7);
  return forged;
};
