import { HttpAdapterHost, type ModuleRef } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import { runsMiddleware } from '../http/express-stack.js';
import type { SessionManager } from '../manager/session-manager.js';
import { MANAGER } from '../session.providers.js';

/** What finds the providers of an application: the application itself, or a ModuleRef in `configure(consumer)`. */
export type Application = Pick<INestApplication | ModuleRef, 'get'>;

const PATH = 'expressSession(app)';
/** Managers that have their `req.session` already. */
const CLAIMED = new WeakSet<SessionManager>();

/** Returns the manager of the session `name`, and makes sure at the start that nothing else makes `req.session`. Throws a
 *  SessionConfigError that says which line to move. */
export function claimManager(app: Application, name: string): SessionManager {
  const manager = findManager(app, name);
  const host = app.get(HttpAdapterHost, { strict: false });
  const platform = host.httpAdapter?.getType();
  if (platform !== undefined && platform !== 'express')
    throw fault(
      `is for Express, and this application runs on ${platform}; use @CurrentSession() in handlers`,
    );
  if (manager.isOpen)
    throw fault(
      'comes after the start, so no route would see it; move app.use(expressSession(app)) above app.init() and app.listen()',
    );
  if (CLAIMED.has(manager))
    throw fault(
      `is called twice for the session "${name}"; remove the second line: the first one counts for all routes and mounted applications behind it`,
    );
  CLAIMED.add(manager);
  manager.checkAtStart(() => refuseExpressSession(host.httpAdapter?.getInstance()));
  return manager;
}

function findManager(app: Application, name: string): SessionManager {
  if (typeof app?.get !== 'function' || !('resolve' in app)) throw fault(`gets ${foundOf(app)}; ${WANTED}`);
  let managers: SessionManager[];
  try {
    managers = app.get<SessionManager>(MANAGER, { strict: false, each: true });
  } catch {
    managers = [];
  }
  const manager = managers.find((one) => one.name === name);
  if (manager) return manager;
  const known = managers.map((one) => `"${one.name}"`).join(', ');
  throw fault(
    known
      ? `finds no session "${name}"; there are ${known}`
      : 'finds no sessions: import SessionCryptoModule.forRoot({ crypto: { secrets: […] } }) into the module that NestFactory.create() gets, above this line',
  );
}

const WANTED =
  'write const app = await NestFactory.create(AppModule) above, then app.use(expressSession(app)); in configure(consumer), pass the ModuleRef';

function foundOf(app: unknown): string {
  if (app instanceof Promise) return 'a promise: await NestFactory.create() is missing';
  return typeof app === 'function' ? 'an Express application, which has no sessions of Nest' : kindOf(app);
}

/** The middleware of express-session is a function of this name. */
function refuseExpressSession(instance: unknown): void {
  if (runsMiddleware(instance, 'session')) throw fault(BESIDE);
}

const BESIDE =
  'stands beside express-session, and both make req.session; remove app.use(session({ … })), because app.use(expressSession(app)) takes its place';

/** The error for a request that has a `req.session` of another middleware. */
export const besideAnother = (): SessionConfigError => fault(BESIDE);

const fault = (message: string) => new SessionConfigError([{ path: PATH, message }]);
