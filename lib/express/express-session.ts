import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OptionNames } from '../errors/check-names.js';
import { DEFAULT_SESSION } from '../options/default-session.js';
import { findHooks } from '../request/request-hooks.js';
import { sessionMiddleware } from '../session.middleware.js';
import { besideAnother, claimManager, ON_EXPRESS, type Application } from './check-application.js';
import { checkOptions } from './check-options.js';
import type { ExpressSessionOptions } from './express-session.interface.js';
import { ExpressSession } from './express-session.object.js';
import { SessionProperty } from './session-property.js';

const NAMES: OptionNames<ExpressSessionOptions> = { name: true, subjectFrom: true, unset: true };

type Next = (error?: unknown) => void;
export type ExpressMiddleware = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

/** The key on a request for what stands behind its `req.session`. */
const PROPERTY = Symbol('express-session');
type Carrier = IncomingMessage & { [PROPERTY]?: SessionProperty; session?: unknown };

/** Both properties are the same for every request, so that a request costs no function. */
const SESSION: PropertyDescriptor & ThisType<Carrier> = {
  configurable: true,
  get(): ExpressSession | undefined {
    return this[PROPERTY]!.value;
  },
  set(value: unknown): void {
    this[PROPERTY]!.assign(value);
  },
};
const SESSION_ID: PropertyDescriptor & ThisType<Carrier> = {
  configurable: true,
  get(): string | undefined {
    return this[PROPERTY]!.value?.id;
  },
};

/** Returns a middleware that gives every request of Express a `req.session` with the interface of express-session, over the
 *  session of this package:
 *
 *      const app = await NestFactory.create(AppModule);
 *      app.use(expressSession(app));
 *
 *  In `configure(consumer)` of a module, pass its ModuleRef in place of `app`. A request that brings a cookie waits until its
 *  session is loaded. Throws a SessionConfigError if the application has no such session, does not run on Express, has
 *  started, or has a `req.session` already. */
export function expressSession(app: Application, options: ExpressSessionOptions = {}): ExpressMiddleware {
  checkOptions('expressSession()', options, NAMES);
  const manager = claimManager(app, options.name ?? DEFAULT_SESSION, ON_EXPRESS);
  const bringSessions = sessionMiddleware(manager);
  return (request: Carrier, response, next) => {
    if (request[PROPERTY]?.options === options) return next(); // a part of the application has the same line
    bringSessions(request, response, (error) => {
      if (error !== undefined) return next(error);
      if (request.session !== undefined) return next(besideAnother());
      const hooks = findHooks(manager.name, request)!;
      const property = new SessionProperty(hooks, ExpressSession, options, request);
      request[PROPERTY] = property;
      Object.defineProperty(request, 'session', SESSION);
      Object.defineProperty(request, 'sessionID', SESSION_ID);
      hooks.attach(property);
      const waiting = hooks.prepare()?.then(() => property.endIfOver()) ?? property.endIfOver();
      if (waiting) waiting.then(() => next()).catch(next);
      else next();
    });
  };
}
