import { after, type Awaitable } from '../crypto/index.js';
import { SessionStoreError } from '../errors/index.js';
import type { JsonObject } from '../session/index.js';
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
  return after(asked(auth.verify, user, password), (right) => (right === true ? user : undefined));
}

/** The data with the name of its subject in it; another's password and hash go. */
export function applySubject(
  auth: FormAuth | undefined,
  data: JsonObject,
  subject: string | undefined,
): JsonObject {
  if (!auth || subject === undefined || textOf(data, auth.keys.user) === subject) return data;
  const { [auth.keys.password]: _password, [auth.keys.site]: _site, ...rest } = data;
  return { ...rest, [auth.keys.user]: subject };
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
