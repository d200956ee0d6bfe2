import { andThen, type Awaitable } from '../../crypto/awaitable.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type { JsonObject } from '../../record/session-data.interface.js';
import type { FormLoginKeys } from './form-login.js';

/** Who is logged in by httpd's mod_auth_form, and how that is believed. */
export interface FormAuth {
  readonly keys: FormLoginKeys;
  /** Whether the password is that user's; asked whenever a session is opened, as httpd does. */
  readonly verify: ((user: string, password: string) => Awaitable<boolean>) | undefined;
  /** Believe the name without a password: whoever can write to the session text can then be anybody. */
  readonly trustUserKey: boolean;
}

/** Who the session is of. `own` is whom we logged in ourselves, which holds as long as httpd's name is the same. */
export function subjectOf(
  auth: FormAuth | undefined,
  data: JsonObject,
  own: string | undefined,
): Awaitable<string | undefined> {
  if (!auth) return own;
  const user = textOf(data, auth.keys.user);
  if (user === undefined) return undefined;
  if (user === own || auth.trustUserKey) return user;
  const password = textOf(data, auth.keys.password);
  if (!auth.verify || password === undefined) return undefined;
  return andThen(asked(auth.verify, user, password), (right) => (right === true ? user : undefined));
}

/** Who was logged in when a session was opened. */
export interface OpenedLogin {
  readonly subject: string | undefined;
  /** Whom our own entry named. */
  readonly own: string | undefined;
  readonly authenticatedAt: number;
}

/** A login as it is to be written: the data, and whom our own entry names, who is believed without a password. */
export interface WrittenLogin {
  readonly data: JsonObject;
  readonly subject: string | undefined;
}

/** The login that a session is written with. Who logged in here since it was opened has his name put into the data, and
 *  another's password and hash go. Else httpd's entries count: whom only his password let in is asked for it again,
 *  and is logged out where it was taken away. */
export function writtenLogin(
  auth: FormAuth | undefined,
  { data, subject, authenticatedAt }: WrittenLogin & { readonly authenticatedAt: number },
  opened: OpenedLogin | undefined,
): WrittenLogin {
  if (!auth || subject === undefined) return { data, subject };
  const isFresh = !opened || opened.subject !== subject || opened.authenticatedAt !== authenticatedAt;
  const isOurs = isFresh || opened.own === subject;
  const user = textOf(data, auth.keys.user);
  if (isFresh || (isOurs && user === undefined)) return { data: named(auth, data, subject), subject };
  return { data, subject: isOurs && user === subject ? subject : undefined };
}

/** The data with the name of its subject in it. */
function named({ keys }: FormAuth, data: JsonObject, subject: string): JsonObject {
  if (textOf(data, keys.user) === subject) return data;
  const { [keys.password]: _password, [keys.site]: _site, ...rest } = data;
  return { ...rest, [keys.user]: subject };
}

function textOf(data: JsonObject, key: string): string | undefined {
  const value = Object.hasOwn(data, key) ? data[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** A verifier that fails is the operator's turn, like a store that fails; nobody is logged in meanwhile. */
function asked(verify: NonNullable<FormAuth['verify']>, user: string, password: string): Awaitable<boolean> {
  const failed = (error: unknown): never => {
    throw SessionStoreError.from('verify', error);
  };
  try {
    const answer = verify(user, password);
    return answer instanceof Promise ? answer.catch(failed) : answer;
  } catch (error) {
    return failed(error);
  }
}
