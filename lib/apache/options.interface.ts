import type { ApacheCipherName } from './sealing/ciphers.js';
import type { ApacheSecretOption } from './sealing/passphrase-sources.js';

/** Options of {@link apache}. */
export interface ApacheOptions {
  /** Passphrases of httpd: the first seals, all open. They count as bytes, so `raw:` and `hex:` have no meaning here. httpd
   *  accepts any length; the audit lists passphrases of fewer than 16 bytes.
   *  @see httpd `SessionCryptoPassphrase`, `SessionCryptoPassphraseFile` */
  readonly secrets: readonly (ApacheSecretOption | undefined)[];
  /** The cipher. A sealed value does not name its cipher, so both sides must agree on one.
   *  @default 'aes256'
   *  @see httpd `SessionCryptoCipher` */
  readonly cipher?: ApacheCipherName;
  /** The httpd whose rules apply when a session text is read: version 2.4, or the development branch trunk.
   *  @default '2.4' */
  readonly rules?: '2.4' | 'trunk';
  /** Number of derived cipher keys to remember. A session that is opened again then costs no PBKDF2. 0 remembers none.
   *  @default 1000 */
  readonly keyCache?: number;
  /** Seal all values under one salt for as long as the first passphrase stays first; each value gets its own IV.
   *  @default true */
  readonly reuseSalt?: boolean;
  /** Name of a response header. Its text is merged into the session, and the header is removed.
   *  @default none
   *  @see httpd `SessionHeader` */
  readonly header?: string;
  /** Send the session's text to a backend behind this application, in the request header `Session`. A header of that name
   *  that the visitor sends is always removed.
   *  @default false
   *  @see httpd `SessionEnv` */
  readonly env?: boolean;
  /** Remove the session's cookie from the request's headers once it has been read.
   *  @default false
   *  @see httpd `SessionCookieRemove` */
  readonly cookieRemove?: boolean;
  /** The login that httpd's mod_auth_form keeps in the session.
   *  @default none: the entries of that login are ordinary data */
  readonly auth?: ApacheAuthOptions;
  /** The cookie that carries httpd's sessions. Required in `crypto.accept`, and used only there. */
  readonly cookie?: { readonly name: string; readonly path?: string; readonly domain?: string };
  /** The moment after which no session of httpd is migrated any more. Required in `crypto.accept`, and used only there. */
  readonly until?: Date;
}

/** The option `auth` of {@link ApacheOptions}. */
export interface ApacheAuthOptions {
  /** The realm; the keys of the login begin with it. @see httpd `AuthName` */
  readonly name: string;
  /** Returns true if the password belongs to the user, who then is the session's subject. It is called each time a session
   *  is opened, except for a user whom `session.login()` has logged in. If it throws, the request is treated as if the store were down. */
  readonly verify?: (user: string, password: string) => boolean | Promise<boolean>;
  /** Accept the name without a password. @default false */
  readonly trustUserKey?: boolean;
}
