import { SessionConfigError } from '../../errors/session-config.error.js';

/** Name and password as mod_auth_form keeps them in a session: the password in clear. */
export interface FormLogin {
  readonly user: string;
  readonly password: string | undefined;
}

/** A session, whatever its data is declared to be. */
interface AnySession {
  get(key: never): unknown;
  set(key: never, value: never): void;
  delete(key: never): void;
}

type Entries = { [K in keyof AnySession]: (key: string, value?: string) => unknown };

/** Reads and writes the login of httpd's mod_auth_form for one `AuthName`. A session with name and password in it is let
 *  in by httpd; it checks the password at every request. */
export class FormLoginKeys {
  readonly user: string;
  readonly password: string;
  /** Never looked at: whoever has it is let in by httpd without a password. */
  readonly site: string;

  constructor(authName: string) {
    if (typeof authName !== 'string' || !authName)
      throw new SessionConfigError([
        { path: 'auth.name', message: 'is empty; allowed is the AuthName of httpd' },
      ]);
    this.user = `${authName}-user`;
    this.password = `${authName}-pw`;
    this.site = `${authName}-site`;
  }

  /** The login in a session, not verified. */
  read(session: AnySession): FormLogin | undefined {
    const own = session as unknown as Entries;
    const [user, password] = [own.get(this.user), own.get(this.password)];
    if (typeof user !== 'string') return undefined;
    return { user, password: typeof password === 'string' ? password : undefined };
  }

  /** Logs in at httpd: puts name and password into the session. */
  write(session: AnySession, user: string, password: string): void {
    const own = session as unknown as Entries;
    own.set(this.user, user);
    own.set(this.password, password);
    own.delete(this.site);
  }

  /** Removes what httpd's logout handler removes, which ends a login that began at httpd. One that began here by
   *  `session.login()` ends by `session.logout()`. */
  clear(session: AnySession): void {
    const own = session as unknown as Entries;
    for (const key of [this.user, this.password, this.site]) own.delete(key);
  }
}

export const formLogin = (authName: string): FormLoginKeys => new FormLoginKeys(authName);
