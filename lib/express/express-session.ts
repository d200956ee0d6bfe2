import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OptionNames } from '../errors/check-names.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { DEFAULT_SESSION } from '../options/default-session.js';
import { beforeHandle } from '../http/express-stack.js';
import { findHooks } from '../request/request-hooks.js';
import { sessionMiddleware } from '../session.middleware.js';
import {
  besideAnother,
  besideOurs,
  claimManager,
  claimProperty,
  instanceOf,
  ON_EXPRESS,
  type Application,
} from './check-application.js';
import { checkOptions } from './check-options.js';
import type { ExpressSessionOptions } from './express-session.interface.js';
import { ExpressSession } from './express-session.object.js';
import { SessionProperty } from './session-property.js';

const NAMES: OptionNames<ExpressSessionOptions> = { name: true, subjectFrom: true, unset: true };

type Next = (error?: unknown) => void;
export type ExpressMiddleware = (request: IncomingMessage, response: ServerResponse, next: Next) => void;

/** The key on a request for what stands behind its `req.session`; `null` before this middleware has run. */
const PROPERTY = Symbol('express-session');
type Carrier = IncomingMessage & { [PROPERTY]?: SessionProperty | null | undefined; session?: unknown };

/** Both properties are the same for every request, so that a request costs no function. What another middleware assigns before
 *  this one has run is its own. */
const SESSION: PropertyDescriptor & ThisType<Carrier> = {
  configurable: true,
  get(): ExpressSession | undefined {
    return this[PROPERTY]?.value;
  },
  set(value: unknown): void {
    const property = this[PROPERTY];
    if (property) property.assign(value);
    else setPlainly(this, 'session', value);
  },
};
const SESSION_ID: PropertyDescriptor & ThisType<Carrier> = {
  configurable: true,
  get(): string | undefined {
    return this[PROPERTY]?.value?.id;
  },
  set(value: unknown): void {
    if (!this[PROPERTY]) return setPlainly(this, 'sessionID', value);
    throw new SessionStateError('ERR_SESSION_USAGE', 'req.sessionID can only be read: nobody chooses an id');
  },
};

/** Replaces a property that was only reserved, so that the middleware puts both there again. */
function setPlainly(carrier: Carrier, key: string, value: unknown): void {
  carrier[PROPERTY] = undefined;
  Object.defineProperty(carrier, key, { value, configurable: true, enumerable: true, writable: true });
}

/** Puts the properties on a raw request before Express changes its prototype: later, each of them costs 100 times as much (see
 *  `prepareResponse`). */
function reserve(request: Carrier): void {
  if (PROPERTY in request) return;
  request[PROPERTY] = null;
  addProperties(request);
}

function addProperties(request: Carrier): void {
  Object.defineProperty(request, 'session', SESSION);
  Object.defineProperty(request, 'sessionID', SESSION_ID);
}

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
  beforeHandle(instanceOf(app), reserve);
  const bringSessions = sessionMiddleware(manager);
  return claimProperty(app, manager, (request: Carrier, response: ServerResponse, next: Next) => {
    if (request[PROPERTY]?.options === options) return next(); // a part of the application has the same line
    bringSessions(request, response, (error) => {
      if (error !== undefined) return next(error);
      if (request.session !== undefined) return next(request[PROPERTY] ? besideOurs() : besideAnother());
      const hooks = findHooks(manager.name, request)!;
      const property = new SessionProperty(hooks, ExpressSession, options, request);
      const isReserved = request[PROPERTY] === null && Object.hasOwn(request, 'session');
      request[PROPERTY] = property;
      if (!isReserved) addProperties(request);
      hooks.attach(property);
      const waiting = hooks.prepare()?.then(() => goOn(property, next)) ?? goOn(property, next);
      waiting?.catch(next);
    });
  });
}

function goOn(property: SessionProperty, next: Next): Promise<void> | undefined {
  const ending = property.endIfOver();
  if (ending) return ending.then(() => next());
  next();
  return undefined;
}
