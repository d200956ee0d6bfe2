import { SessionConfigError } from '../../errors/session-config.error.js';

/** A name and a password as mod_auth_form keeps them in a session. The password is not hashed. */
export interface FormLogin {
  readonly user: string;
  readonly password: string | undefined;
}

/** A session, whatever type its data is declared to have. */
interface AnySession {
  get(key: never): unknown;
  set(key: never, value: never): void;
  delete(key: never): void;
}

/** The same methods for any key, since the keys depend on the `AuthName`. */
type TextEntries = { [K in keyof AnySession]: (key: string, value?: string) => unknown };

/** Puts a backslash before each quote that has none, as httpd does with a realm: httpd's server/util.c, ap_escape_quotes. */
const escapeQuotes = (realm: string): string =>
  realm.replace(/\\[^]|"/g, (piece) => (piece === '"' ? '\\"' : piece));

/** Reads and writes the login of httpd's mod_auth_form in a session, for one `AuthName`. httpd admits a session that holds
 *  a name and its password, and it checks that password at every request. */
export class FormLoginKeys {
  /** Key of the user's name: `<AuthName>-user`. httpd escapes quotes in the name, and so do these keys. */
  readonly user: string;
  /** Key of the password: `<AuthName>-pw`. */
  readonly password: string;
  /** Key of the hash of `AuthFormSitePassphrase`: `<AuthName>-site`. httpd admits a session that holds the hash without a
   *  password; this package never reads it. */
  readonly site: string;

  /** Throws a SessionConfigError if `authName` is not a text or is empty. */
  constructor(authName: string) {
    if (typeof authName !== 'string' || !authName)
      throw new SessionConfigError([
        { path: 'auth.name', message: "is empty; allowed is the text of httpd's AuthName" },
      ]);
    const realm = escapeQuotes(authName);
    this.user = `${realm}-user`;
    this.password = `${realm}-pw`;
    this.site = `${realm}-site`;
  }

  /** Returns the login in a session, or `undefined` if there is no name. The password is not verified. */
  read(session: AnySession): FormLogin | undefined {
    const entries = session as unknown as TextEntries;
    const [user, password] = [entries.get(this.user), entries.get(this.password)];
    if (typeof user !== 'string') return undefined;
    return { user, password: typeof password === 'string' ? password : undefined };
  }

  /** Logs a user in at httpd: puts name and password into the session. */
  write(session: AnySession, user: string, password: string): void {
    const entries = session as unknown as TextEntries;
    entries.set(this.user, user);
    entries.set(this.password, password);
    entries.delete(this.site);
  }

  /** Removes the three entries that httpd's logout handler removes. This ends a login that began at httpd. To end a login
   *  that began here with `session.login()`, call `session.logout()`. */
  clear(session: AnySession): void {
    const entries = session as unknown as TextEntries;
    for (const key of [this.user, this.password, this.site]) entries.delete(key);
  }
}

/** Returns the {@link FormLoginKeys} of an `AuthName`. Throws a SessionConfigError if the name is empty. */
export const formLogin = (authName: string): FormLoginKeys => new FormLoginKeys(authName);
