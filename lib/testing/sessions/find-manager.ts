import type { INestApplicationContext } from '@nestjs/common';
import { SessionStateError } from '../../errors/session-state.error.js';
import type { SessionManager } from '../../manager/session-manager.js';
import { DEFAULT_SESSION } from '../../options/default-session.js';
import { managersOf } from '../../session.providers.js';

/** An application under test, or its testing module. */
export type TestedApplication = Pick<INestApplicationContext, 'get'>;

/** Which session of the application is meant. */
export interface TestedSession {
  /** The `name` of the module, where there are several. @default the session without a name */
  readonly name?: string;
  /** The address that a request has: it decides on the context, and on the cookie of a secure or a plain connection.
   *  @default `http://127.0.0.1`, at `cookie.path` */
  readonly url?: string;
}

/** Returns the manager of a session. Throws a SessionStateError that says what is missing. */
export function findManager(
  app: TestedApplication,
  { name = DEFAULT_SESSION }: TestedSession,
): SessionManager {
  const managers = managersOf(app);
  const manager = managers.find((one) => one.name === name);
  if (!manager) throw unsupported(`The application has no session "${name}"${listOf(managers)}`);
  if (!manager.isOpen) throw unsupported('The application has not started: call await app.init() before');
  return manager;
}

const listOf = (managers: readonly SessionManager[]): string =>
  managers.length
    ? `; it has ${managers.map(({ name }) => `"${name}"`).join(', ')}`
    : ': it does not import SessionCryptoModule';

/** Returns the address that a request of the test has. */
export function addressOf(manager: SessionManager, url: string | undefined): URL {
  const { plain, secure } = manager.base.options.cookies;
  const base = `http://127.0.0.1${(plain ?? secure)!.place.path}`;
  if (url !== undefined && !URL.canParse(url, base))
    throw unsupported('url is no address; write one such as "https://shop.example/admin", or a path');
  return new URL(url ?? base, base);
}

export const unsupported = (message: string): SessionStateError =>
  new SessionStateError('ERR_SESSION_UNSUPPORTED', message);
