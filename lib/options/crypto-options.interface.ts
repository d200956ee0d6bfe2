import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { SecretOption } from '../crypto/key-source.interface.js';
import type { MigratedFormat, SessionFormat } from '../persistence/session-format.interface.js';
import type { ManagedRingOptions } from './ring-options.interface.js';

/** Keys, cipher and driver. */
export interface CryptoOptions {
  /** The key ring: the first secret seals, and all secrets open. To rotate, append the new secret, then move it to the
   *  front, then remove the old one. Beside a managed `ring`, they wrap its keys. A secret that is undefined or empty stops
   *  the start. Required unless `format` is set.
   *  @allowed a list of: a passphrase of at least 16 bytes, `'raw:…'` or `'hex:…'` with 32 bytes, a Buffer of 32 bytes, `{ passphrase }`, `{ file }` or `'file:name'`, `{ exec: [program, …] }` or `'exec:program …'`, `{ key }` in a token, a function; see docs/keys.md
   *  @default none: it is required
   *  @see Apache `SessionCryptoPassphrase`, `SessionCryptoPassphraseFile` */
  readonly secrets?: readonly (SecretOption | undefined)[];
  /** The format of sealed sessions: the native one, or the foreign format of another program. A foreign format has its
   *  own secrets, so `secrets` is left out.
   *  @allowed 'native', `apache({ secrets })` or another `SessionFormat`
   *  @default 'native' */
  readonly format?: 'native' | SessionFormat;
  /** Foreign formats whose sessions are migrated into the native format. Each has its own cookie, which is read only
   *  when a request brings no native session.
   *  @allowed a list of formats such as `apache({ secrets, cookie, until })`, or those of docs/coming-from.md
   *  @default [] */
  readonly accept?: readonly (SessionFormat | MigratedFormat)[];
  /** The driver that does the cryptography, for the whole process. `npx nestjs-session-crypto drivers` lists the drivers
   *  that this machine can use.
   *  @allowed 'openssl', 'nss', 'pkcs11', 'sodium', 'webcrypto', a `CryptoDriver`, its class, or the symbol that provides it
   *  @default 'openssl'
   *  @see Apache `SessionCryptoDriver` */
  readonly driver?: DriverOption;
  /** Parameters of a driver that `driver` chooses by name.
   *  @allowed an object with the parameters that docs/drivers.md lists for the driver
   *  @default {}
   *  @see Apache `SessionCryptoDriver` */
  readonly driverParams?: Readonly<Record<string, DriverParamOption | undefined>>;
  /** The cipher that seals.
   *  @allowed 'aes256', 'aes128', 'chacha20'
   *  @default 'aes256'
   *  @see Apache `SessionCryptoCipher` */
  readonly cipher?: 'aes256' | 'aes128' | 'chacha20';
  /** Further ciphers that open sessions. List the old cipher here while sessions move to a new one.
   *  @allowed a list of 'aes256', 'aes128', 'chacha20'
   *  @default [] */
  readonly acceptCiphers?: readonly ('aes256' | 'aes128' | 'chacha20')[];
  /** The name of the key ring, or a ring that makes, publishes and drops its keys itself. Key rings with different names do not
   *  open each other's sessions, even with equal secrets.
   *  @allowed at most 200 printable ASCII characters, or `managedRing({ store })`
   *  @default 'default' */
  readonly ring?: string | ManagedRingOptions;
  /** The salt for stretching passphrases. It is not secret, and it must be equal on all servers that share sessions.
   *  @allowed at most 200 printable ASCII characters
   *  @default '' */
  readonly salt?: string;
  /** The tenant that the sessions belong to, when several tenants share one key ring. Sessions of one tenant do not open
   *  for another.
   *  @allowed at most 200 printable ASCII characters
   *  @default '' */
  readonly tenant?: string;
  /** The site that the sessions are made for. Sites with equal secrets and different audiences do not open each other's
   *  sessions.
   *  @allowed at most 200 printable ASCII characters
   *  @default '' */
  readonly audience?: string;
  /** The number of derived keys that stay in memory, so that opening a session again is cheap; 0 keeps none.
   *  @allowed 0 to 1000000
   *  @default 1000 */
  readonly keyCache?: number;
  readonly reload?: {
    /** Seconds between two readings of secrets from programs, files and functions; 0 disables the timer.
     *  @allowed 0 to 2000000
     *  @default 300 */
    readonly interval?: number;
    /** Read the secrets again when a secret's file changes.
     *  @allowed true, false
     *  @default true */
    readonly watch?: boolean;
    /** Read the secrets again when the process receives this signal.
     *  @allowed the name of a signal that a process can catch, such as 'SIGHUP'
     *  @default none */
    readonly signal?: NodeJS.Signals;
  };
}

/** A driver: its name in docs/drivers.md, an instance, a class, or the symbol that the application provides it under. A
 *  class that the application does not provide is created with the dependencies that its constructor names. */
export type DriverOption =
  'openssl' | 'nss' | 'pkcs11' | 'sodium' | 'webcrypto' | CryptoDriver | DriverClass | symbol;

/** The class of a driver. */
export type DriverClass = abstract new (...args: never[]) => CryptoDriver;

/** A parameter of a driver: a text, a number, `true` for a flag that is set, or the source of a secret such as a PIN. */
export type DriverParamOption = SecretOption | number | boolean;
