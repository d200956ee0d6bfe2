import type { CryptoDriver } from '../../crypto/crypto-driver.interface.js';
import { OpensslDriver } from '../../crypto/drivers/openssl/openssl.driver.js';
import { ownCopy, secretBytes, type Secret } from '../../crypto/secret.js';
import { kindOf, SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import { apacheCipher, missingCipher, type ApacheCipher, type ApacheCipherName } from './apache-cipher.js';
import { ApacheRingMaker, type ApacheRing } from './apache-ring.js';

interface SealingOptions {
  /** Cipher of all values: nothing in a value tells it, so both sides must agree.
   *  @default 'aes256'
   *  @see httpd `SessionCryptoCipher` */
  readonly cipher?: ApacheCipherName;
  /** Cipher keys that are remembered, by passphrase and salt; 0 for none: then each open costs a PBKDF2.
   *  @default 1000 */
  readonly keyCache?: number;
  /** Seal all values under one salt, drawn once a process and again when the first passphrase changes; each has an IV
   *  of its own. It saves a PBKDF2 a value. Whoever sees two values can tell then that one process sealed both, but
   *  nothing of what they hold. `false`: a salt each, as httpd does.
   *  @default true */
  readonly reuseSalt?: boolean;
  /** Who does CBC, ready to be used; whoever made it has tested it and closes it. MACs and PBKDF2 are Node's own always.
   *  @default Node's own OpenSSL
   *  @see httpd `SessionCryptoDriver` */
  readonly driver?: CryptoDriver;
}

export interface ApacheEnvelopeOptions extends SealingOptions {
  /** Passphrases: the first seals, all open. A text counts as its UTF-8 bytes; no length is too short for httpd, but a
   *  guess costs one MD5 and one SipHash, so 16 random bytes are the least that is safe.
   *  @see httpd `SessionCryptoPassphrase` */
  readonly secrets: readonly (string | Uint8Array)[];
}

/** Options of an envelope whose passphrases somebody else holds and renews. */
export interface ApacheRingOptions extends SealingOptions {
  readonly keys: { readonly ring: ApacheRing };
}

export interface ResolvedApacheOptions {
  readonly cipher: ApacheCipher;
  readonly driver: CryptoDriver;
  readonly keyCache: number;
  readonly reuseSalt: boolean;
  readonly keys: { readonly ring: ApacheRing };
}

const NAMES = ['cipher', 'driver', 'keyCache', 'keys', 'reuseSalt', 'secrets'];

/** Complete and checked options; throws a SessionConfigError that lists every fault. */
export function resolveApacheOptions(
  options: ApacheEnvelopeOptions | ApacheRingOptions,
): ResolvedApacheOptions {
  const faults: ConfigFault[] = [];
  const fault = (path: string, message: string) => void faults.push({ path, message });
  const {
    cipher: name = 'aes256',
    driver = new OpensslDriver(),
    keyCache = 1000,
    reuseSalt = true,
  } = options;
  for (const other of Object.keys(options))
    if (!NAMES.includes(other)) fault(other, `is unknown; there are ${NAMES.join(', ')}`);
  const cipher = apacheCipher(name);
  const wrong = typeof cipher === 'string' ? cipher : driverFault(driver, cipher);
  if (wrong) fault(typeof cipher === 'string' ? 'cipher' : 'driver', wrong);
  if (!Number.isSafeInteger(keyCache) || keyCache < 0)
    fault('keyCache', 'is no count; allowed are 0 and more');
  if (typeof reuseSalt !== 'boolean')
    fault('reuseSalt', `is ${kindOf(reuseSalt)}; allowed are true and false`);
  const secrets = 'keys' in options ? [] : readSecrets(options.secrets, fault);
  if (faults.length) {
    for (const { bytes } of secrets) bytes.fill(0);
    throw new SessionConfigError(faults);
  }
  const keys = 'keys' in options ? options.keys : { ring: new ApacheRingMaker('secrets').makeNow(secrets) };
  return { cipher: cipher as ApacheCipher, driver, keyCache, reuseSalt, keys };
}

function driverFault(driver: unknown, cipher: ApacheCipher): string | undefined {
  const { name, importKey, cbc } = Object(driver) as Partial<CryptoDriver>;
  if (typeof name !== 'string' || typeof importKey !== 'function')
    return `is ${kindOf(driver)}; allowed is an object with the methods of CryptoDriver`;
  return missingCipher({ name }, cbc?.ciphers ?? [], cipher.name);
}

function readSecrets(secrets: unknown, fault: (path: string, message: string) => void): Secret[] {
  if (!Array.isArray(secrets) || !secrets.length) {
    fault('secrets', `is ${kindOf(secrets)}; give a list of one passphrase or more`);
    return [];
  }
  return secrets.flatMap((secret: unknown, i) => {
    const wrong = secretFault(secret);
    if (wrong) fault(`secrets[${i}]`, wrong);
    return wrong ? [] : [passphrase(secret as string | Uint8Array)];
  });
}

function secretFault(secret: unknown): string | undefined {
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array))
    return `is ${kindOf(secret)}; allowed are text and bytes`;
  if (!secret.length) return 'is empty; httpd would seal under it, and so could anybody';
  if (typeof secret === 'string' && /^(?:exec|file):./s.test(secret))
    return 'names a program or a file, which is read by the module only; a passphrase of that spelling must be given as bytes';
  return undefined;
}

const passphrase = (secret: string | Uint8Array): Secret => ({
  kind: 'passphrase',
  bytes: typeof secret === 'string' ? secretBytes(secret) : ownCopy(secret),
});
