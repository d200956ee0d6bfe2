import type { CryptoDriver } from '../../crypto/crypto-driver.interface.js';
import { OpensslDriver } from '../../crypto/drivers/openssl/openssl.driver.js';
import { ownCopy, secretBytes, type Secret } from '../../crypto/secret.js';
import { kindOf, SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import { meantHint } from '../../errors/nearest-name.js';
import { findCipher, missingCipherFault, type ApacheCipher, type ApacheCipherName } from './ciphers.js';
import { PassphraseRingMaker, type PassphraseRing } from './passphrase-ring.js';

interface SealingOptions {
  /** Cipher of all values. A sealed value does not name its cipher, so both sides must agree on one.
   *  @default 'aes256'
   *  @see httpd `SessionCryptoCipher` */
  readonly cipher?: ApacheCipherName;
  /** Number of derived cipher keys to remember, by passphrase and salt. With 0, each open costs one PBKDF2.
   *  @default 1000 */
  readonly keyCache?: number;
  /** Seal all values under one salt, which saves one PBKDF2 for each value. Every value still gets its own IV. The salt
   *  is drawn once per process, and again when the first passphrase changes. Somebody who sees two values can then
   *  tell that one process sealed both, but learns nothing of their contents. `false` draws a salt for each value, as
   *  httpd does.
   *  @default true */
  readonly reuseSalt?: boolean;
  /** Driver that computes CBC. It must be tested and open; its owner closes it. MACs and PBKDF2 do not use the driver.
   *  @default Node's own OpenSSL
   *  @see httpd `SessionCryptoDriver` */
  readonly driver?: CryptoDriver;
}

/** Options of {@link ApacheEnvelope} with fixed passphrases. */
export interface ApacheEnvelopeOptions extends SealingOptions {
  /** Passphrases: the first seals, all open. A text counts as its UTF-8 bytes. httpd accepts any length, but one guess
   *  costs an attacker only one MD5 and one SipHash, so use at least 16 random bytes.
   *  @see httpd `SessionCryptoPassphrase` */
  readonly secrets: readonly (string | Uint8Array)[];
}

/** Options of an envelope whose ring of passphrases is loaded and reloaded by its caller. */
export interface RingEnvelopeOptions extends SealingOptions {
  readonly keys: { readonly ring: PassphraseRing };
}

/** The options with all defaults filled in. */
export interface ResolvedEnvelopeOptions {
  readonly cipher: ApacheCipher;
  readonly driver: CryptoDriver;
  readonly keyCache: number;
  readonly reuseSalt: boolean;
  readonly keys: { readonly ring: PassphraseRing };
}

type AddFault = (path: string, message: string) => void;

const NAMES = ['cipher', 'driver', 'keyCache', 'keys', 'reuseSalt', 'secrets'];

/** Checks the options and fills in the defaults. Throws a SessionConfigError that lists every fault. */
export function resolveEnvelopeOptions(
  options: ApacheEnvelopeOptions | RingEnvelopeOptions,
): ResolvedEnvelopeOptions {
  if (typeof options !== 'object' || options === null)
    throw new SessionConfigError([
      { path: 'ApacheEnvelope', message: `got ${kindOf(options)}; give it { secrets: ['passphrase'] }` },
    ]);
  const faults: ConfigFault[] = [];
  const addFault: AddFault = (path, message) => void faults.push({ path, message });
  const { driver = new OpensslDriver(), keyCache = 1000, reuseSalt = true } = options;
  for (const name of Object.keys(options))
    if (!NAMES.includes(name))
      addFault(name, `is unknown${meantHint(name, NAMES) || `; known are ${NAMES.join(', ')}`}`);
  const cipher = readCipher(options.cipher ?? 'aes256', driver, addFault);
  if (!Number.isSafeInteger(keyCache) || keyCache < 0)
    addFault('keyCache', 'is not a count; allowed are whole numbers from 0');
  if (typeof reuseSalt !== 'boolean')
    addFault('reuseSalt', `is ${kindOf(reuseSalt)}; allowed are true and false`);
  const secrets = 'keys' in options ? [] : readSecrets(options.secrets, addFault);
  if (!cipher || faults.length) throw wipeAndFail(secrets, faults);
  const keys =
    'keys' in options ? options.keys : { ring: new PassphraseRingMaker('secrets').makeNow(secrets) };
  return { cipher, driver, keyCache, reuseSalt, keys };
}

function wipeAndFail(secrets: readonly Secret[], faults: readonly ConfigFault[]): SessionConfigError {
  for (const { bytes } of secrets) bytes.fill(0);
  return new SessionConfigError(faults);
}

/** Returns the cipher if it is known and `driver` has it. */
function readCipher(name: unknown, driver: unknown, addFault: AddFault): ApacheCipher | undefined {
  const cipher = findCipher(name);
  if (typeof cipher === 'string') return void addFault('cipher', cipher);
  const fault = driverFault(driver, cipher);
  return fault ? void addFault('driver', fault) : cipher;
}

/** Returns why the driver cannot be used, if it cannot. */
function driverFault(driver: unknown, cipher: ApacheCipher): string | undefined {
  const { name, importKey, cbc } = Object(driver) as Partial<CryptoDriver>;
  if (typeof name !== 'string' || typeof importKey !== 'function')
    return `is ${kindOf(driver)}; allowed is an object with the methods of CryptoDriver`;
  return missingCipherFault({ name }, cbc?.ciphers ?? [], cipher.name);
}

/** Copies the passphrases into buffers that can be wiped. Adds a fault for each wrong one. */
function readSecrets(secrets: unknown, addFault: AddFault): Secret[] {
  if (!Array.isArray(secrets) || !secrets.length) {
    addFault('secrets', `is ${kindOf(secrets)}; give a list of at least one passphrase`);
    return [];
  }
  return secrets.flatMap((secret: unknown, i) => {
    const fault = secretFault(secret);
    if (fault) addFault(`secrets[${i}]`, fault);
    return fault ? [] : [passphrase(secret as string | Uint8Array)];
  });
}

/** Returns what is wrong with one passphrase. `exec:` and `file:` are sources for the module; here they would silently
 *  become passphrases. */
function secretFault(secret: unknown): string | undefined {
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array))
    return `is ${kindOf(secret)}; allowed are text and bytes`;
  if (!secret.length) return 'is empty; httpd would seal under it, and so could anybody';
  if (typeof secret === 'string' && /^(?:exec|file):./s.test(secret))
    return 'names a program or a file, which only the module reads; give a passphrase of that spelling as bytes';
  return undefined;
}

const passphrase = (secret: string | Uint8Array): Secret => ({
  kind: 'passphrase',
  bytes: typeof secret === 'string' ? secretBytes(secret) : ownCopy(secret),
});
