import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkNames, type OptionNames } from '../errors/check-names.js';
import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import { DEFAULT_SESSION } from '../options/default-session.js';
import { findHooks } from '../request/request-hooks.js';
import { sessionMiddleware } from '../session.middleware.js';
import { besideAnother, claimManager, type Application } from './check-application.js';
import type { ExpressSessionOptions } from './express-session.interface.js';
import type { ExpressSession } from './express-session.object.js';
import { SessionProperty } from './session-property.js';

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
  checkOptions(options);
  const manager = claimManager(app, options.name ?? DEFAULT_SESSION);
  const bringSessions = sessionMiddleware(manager);
  return (request: Carrier, response, next) =>
    bringSessions(request, response, (error) => {
      if (error !== undefined) return next(error);
      if (request.session !== undefined) return next(besideAnother());
      const hooks = findHooks(manager.name, request)!;
      const property = new SessionProperty(hooks, request, options);
      request[PROPERTY] = property;
      Object.defineProperty(request, 'session', SESSION);
      Object.defineProperty(request, 'sessionID', SESSION_ID);
      hooks.attach(property);
      const waiting = hooks.prepare()?.then(() => property.endIfOver()) ?? property.endIfOver();
      if (waiting) waiting.then(() => next()).catch(next);
      else next();
    });
}

const UNSET = ['keep', 'destroy'];
const NAMES: OptionNames<ExpressSessionOptions> = { name: true, subjectFrom: true, unset: true };

/** Throws a SessionConfigError for options that cannot be meant. */
function checkOptions(options: ExpressSessionOptions): void {
  checkNames('expressSession()', options, NAMES);
  const { name, subjectFrom, unset } = options;
  const faults = [
    name !== undefined && typeof name !== 'string' && fault('name', `is ${kindOf(name)}; allowed is a text`),
    subjectFrom !== undefined &&
      typeof subjectFrom !== 'function' &&
      fault(
        'subjectFrom',
        `is ${kindOf(subjectFrom)}; allowed is a function, such as (data) => data.passport?.user`,
      ),
    unset !== undefined &&
      !UNSET.includes(unset) &&
      fault('unset', 'is unknown; allowed are "keep" and "destroy"'),
  ].filter((one) => one !== false);
  if (faults.length) throw new SessionConfigError(faults);
}

const fault = (option: string, message: string) => ({ path: `expressSession() ${option}`, message });
