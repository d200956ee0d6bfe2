import { HttpAdapterHost, type AbstractHttpAdapter, type ModuleRef } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import { handlersOfAllPaths, runsMiddleware } from '../http/express-stack.js';
import type { SessionManager } from '../manager/session-manager.js';
import { managersOf } from '../session.providers.js';

/** What finds the providers of an application: the application itself, or a ModuleRef in `configure(consumer)`. */
export type Application = Pick<INestApplication | ModuleRef, 'get'>;

/** How an application gets its session on one platform. */
export interface Mounting {
  readonly platform: 'express' | 'fastify';
  /** The call, as users write it. */
  readonly path: string;
  /** The line of `main.ts` that has the call. */
  readonly line: string;
  /** What to pass in a module; empty where no module can call it. */
  readonly inModule: string;
}

export const ON_EXPRESS: Mounting = {
  platform: 'express',
  path: 'expressSession(app)',
  line: 'app.use(expressSession(app))',
  inModule: '; in configure(consumer), pass the ModuleRef',
};
export const ON_FASTIFY: Mounting = {
  platform: 'fastify',
  path: 'fastifySession(app)',
  line: 'await app.register(fastifySession(app))',
  inModule: '',
};

const TITLES: Readonly<Record<string, string>> = { express: 'Express', fastify: 'Fastify' };
/** Managers that have their session property already. */
const CLAIMED = new WeakSet<SessionManager>();

/** Returns the manager of the session `name`, and makes sure at the start that nothing else makes the session property.
 *  Throws a SessionConfigError that says which line to move. */
export function claimManager(app: Application, name: string, mounting: Mounting): SessionManager {
  const fault = (message: string) => faultOf(mounting, message);
  const manager = findManager(app, name, mounting);
  const platform = adapterOf(app)?.getType();
  if (platform !== undefined && platform !== mounting.platform)
    throw fault(
      `is for ${TITLES[mounting.platform]}, and this application runs on ${platform}; use ${OTHERS[platform] ?? ''}@CurrentSession() in handlers`,
    );
  if (manager.isOpen)
    throw fault(
      `comes after the start, so no route would see it; move ${mounting.line} above app.init() and app.listen()`,
    );
  if (CLAIMED.has(manager))
    throw fault(
      `is called twice for the session "${name}"; remove the second line: the first one counts for all routes and mounted applications behind it`,
    );
  CLAIMED.add(manager);
  if (mounting === ON_EXPRESS) manager.checkAtStart(() => refuseExpressSession(instanceOf(app)));
  return manager;
}

const adapterOf = (app: Application): AbstractHttpAdapter | undefined =>
  app.get(HttpAdapterHost, { strict: false }).httpAdapter;

/** Returns the application of the platform; `undefined` where there is none. */
export const instanceOf = (app: Application): unknown => adapterOf(app)?.getInstance();

const OTHERS: Readonly<Record<string, string>> = {
  express: 'expressSession(app) or ',
  fastify: 'fastifySession(app) or ',
};

function findManager(app: Application, name: string, mounting: Mounting): SessionManager {
  const fault = (message: string) => faultOf(mounting, message);
  if (typeof app?.get !== 'function' || !('resolve' in app))
    throw fault(`gets ${foundOf(app)}; ${wanted(mounting)}`);
  const managers = managersOf(app);
  const manager = managers.find((one) => one.name === name);
  if (manager) return manager;
  const known = managers.map((one) => `"${one.name}"`).join(', ');
  throw fault(
    known
      ? `finds no session "${name}"; there are ${known}; the name of the cookie is cookie.name of forRoot()`
      : 'finds no sessions: import SessionCryptoModule.forRoot({ crypto: { secrets: […] } }) into the module that NestFactory.create() gets, above this line',
  );
}

const wanted = ({ line, inModule }: Mounting) =>
  `write const app = await NestFactory.create(AppModule) above, then ${line}${inModule}`;

function foundOf(app: unknown): string {
  if (app instanceof Promise) return 'a promise: await NestFactory.create() is missing';
  if (Object(app).hasRequestDecorator) return 'a Fastify instance, which has no sessions of Nest';
  return typeof app === 'function' ? 'an Express application, which has no sessions of Nest' : kindOf(app);
}

/** The middleware of express-session is a function of this name. */
function refuseExpressSession(instance: unknown): void {
  if (runsMiddleware(instance, 'session')) throw besideAnother();
}

const BESIDE =
  'stands beside express-session, and both make req.session; remove app.use(session({ … })), because app.use(expressSession(app)) takes its place';

/** The error for a request that has a `req.session` of another middleware. */
export const besideAnother = (): SessionConfigError => faultOf(ON_EXPRESS, BESIDE);

/** The middlewares of expressSession(). */
const OURS = new WeakSet<object>();

/** Refuses at the start a second middleware of ours that meets every request, and returns the middleware. */
export function claimProperty<M extends object>(app: Application, manager: SessionManager, middleware: M): M {
  OURS.add(middleware);
  manager.checkAtStart(() => {
    const ours = [...handlersOfAllPaths(instanceOf(app))].filter((one) => OURS.has(Object(one) as object));
    if (ours.length > 1) throw besideOurs();
  });
  return middleware;
}

const TWICE =
  'makes req.session for two sessions on one path; keep one line, or mount each at its own path: app.use("/admin", expressSession(app, { name: "admin" })); handlers have every session by @CurrentSession("admin")';

/** The error for a request whose `req.session` is that of another name. */
export const besideOurs = (): SessionConfigError => faultOf(ON_EXPRESS, TWICE);

export const faultOf = ({ path }: Mounting, message: string) => new SessionConfigError([{ path, message }]);
