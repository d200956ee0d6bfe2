import { isSubject } from '../../record/subject.js';
import { andThen, type Awaitable } from '../../crypto/awaitable.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type { JsonObject } from '../../record/session-data.interface.js';
import type { FormLoginKeys } from './form-login.js';

// The subject of a session that httpd's mod_auth_form may have logged in. Two sides can log a user in: httpd by name and
// password in the session's entries, and this package by `session.login()`, whose subject the native entry carries.

/** The resolved option `apache({ auth })`. */
export interface FormAuth {
  readonly keys: FormLoginKeys;
  /** Returns true if the password belongs to the user. Called each time a session is opened; httpd checks as often. */
  readonly verify: ((user: string, password: string) => Awaitable<boolean>) | undefined;
  /** Accept the name without a password. Anybody who can write to the session text can then be any user. */
  readonly trustUserKey: boolean;
}

/** Returns the subject of a session that was opened, `undefined` for nobody. `nativeSubject` is the user that
 *  `session.login()` has set. That login stays valid without a password as long as httpd's entry has the same name.
 *  Throws or rejects with a SessionStoreError if `verify` fails. */
export function subjectOf(
  auth: FormAuth | undefined,
  data: JsonObject,
  nativeSubject: string | undefined,
): Awaitable<string | undefined> {
  if (!auth) return nativeSubject;
  const user = textOf(data, auth.keys.user);
  if (!isSubject(user)) return undefined;
  if (user === nativeSubject || auth.trustUserKey) return user;
  const password = textOf(data, auth.keys.password);
  if (!auth.verify || password === undefined) return undefined;
  return andThen(callVerify(auth.verify, user, password), (valid) => (valid === true ? user : undefined));
}

/** The login of a session when it was opened. */
export interface OpenedLogin {
  readonly subject: string | undefined;
  /** The subject in the native entry. */
  readonly nativeSubject: string | undefined;
  /** Whole seconds since 1970; 0 if nobody has logged in. */
  readonly authenticatedAt: number;
}

/** The login to write: the data, and the subject of the native entry, which is believed without a password. */
export interface SealedLogin {
  readonly data: JsonObject;
  readonly subject: string | undefined;
}

/** Returns the login to write for a session.
 *
 *  - A user who has logged in here since the session was opened: the name goes into the data, and the password and site
 *    hash of another user are removed.
 *  - A user whom httpd admitted by password alone: the native entry names nobody, so the password is verified at each
 *    opening, and removing the password logs the user out. */
export function loginToSeal(
  auth: FormAuth | undefined,
  { data, subject, authenticatedAt }: SealedLogin & { readonly authenticatedAt: number },
  opened: OpenedLogin | undefined,
): SealedLogin {
  if (!auth || subject === undefined) return { data, subject };
  const isNew = !opened || opened.subject !== subject || opened.authenticatedAt !== authenticatedAt;
  const isNative = isNew || opened.nativeSubject === subject;
  const user = textOf(data, auth.keys.user);
  if (isNew || (isNative && user === undefined)) return { data: withUser(auth, data, subject), subject };
  return { data, subject: isNative && user === subject ? subject : undefined };
}

/** Returns the data with the user's name in it, and without the password and site hash of another user. */
function withUser({ keys }: FormAuth, data: JsonObject, user: string): JsonObject {
  if (textOf(data, keys.user) === user) return data;
  const { [keys.password]: _password, [keys.site]: _site, ...rest } = data;
  return { ...rest, [keys.user]: user };
}

function textOf(data: JsonObject, key: string): string | undefined {
  const value = Object.hasOwn(data, key) ? data[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Calls `verify`. An error of it concerns the operator, as that of a store does, and it logs nobody in. */
function callVerify(
  verify: NonNullable<FormAuth['verify']>,
  user: string,
  password: string,
): Awaitable<boolean> {
  const fail = (error: unknown): never => {
    throw SessionStoreError.from('verify', error);
  };
  try {
    const valid = verify(user, password);
    return valid instanceof Promise ? valid.catch(fail) : valid;
  } catch (error) {
    return fail(error);
  }
}
