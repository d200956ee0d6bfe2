import { KeyRing } from '../../../lib/crypto/key-ring.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { KeyRingFactory } from '../../../lib/crypto/key-ring-factory.js';
import type { CryptoDriver } from '../../../lib/crypto/crypto-driver.interface.js';
import { EnvelopeContext } from '../../../lib/envelope/envelope-context.js';
import { NATIVE_SECRETS, type Secret, type SecretRule } from '../../../lib/crypto/secret.js';

/** 00 01 … 1f, the input key of the known answers. */
export const countingBytes = (): Buffer => Buffer.from(Array.from({ length: 32 }, (_, i) => i));

/** A raw key of 32 equal bytes. */
export const rawSecret = (fill: number, state?: Secret['state']): Secret => ({
  kind: 'raw',
  bytes: Buffer.alloc(32, fill),
  ...(state && { state }),
});

export const ringMaker = (driver: CryptoDriver = new OpensslDriver()): KeyRingFactory =>
  new KeyRingFactory(driver, { ring: 'default', salt: '' });

/** A ring of raw keys, the first of which seals. */
export const ringOf = (...fills: number[]): Promise<KeyRing> =>
  ringMaker().make(fills.map((fill) => rawSecret(fill)));

/** A ring of the one key of the known answers. */
export const knownRing = (): Promise<KeyRing> => ringMaker().make([{ kind: 'raw', bytes: countingBytes() }]);

/** The context of a session in the cookie `sid`. */
export const sidContext = new EnvelopeContext({
  purpose: 'session',
  store: 'cookie',
  name: 'sid',
  tenant: '',
  audience: '',
});

/** The native rule, and the copies of the secrets that it has read from texts. */
export function copyingRule(): { readonly rule: SecretRule; readonly copies: Buffer[] } {
  const copies: Buffer[] = [];
  const text: SecretRule['text'] = (bytes) => {
    const secret = NATIVE_SECRETS.text(bytes);
    if (typeof secret !== 'string') copies.push(secret.bytes);
    return secret;
  };
  return { rule: { ...NATIVE_SECRETS, text }, copies };
}
