import { SetMetadata, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { checkNames, type OptionNames } from './errors/check-names.js';
import { SessionStateError } from './errors/session-state.error.js';
import type { CacheLimiter as CacheLimiterMode } from './http/cache-headers.js';
import { noteRules } from './request/known-rules.js';
import type { SessionLockOptions } from './request/lock-options.js';
import { sessionsOf, type RequestSessions } from './request/request-sessions.js';
import type { RouteSessionOptions } from './request/route-session-options.interface.js';

/** What the decorators of a handler and of its class say of sessions, merged. */
export interface SessionRoute {
  /** True if the route uses no session. */
  readonly skip?: boolean;
  /** The session that the route means where none is named. */
  readonly name?: string;
  /** Absent if the route has none. */
  readonly options?: RouteSessionOptions;
  readonly require?: RequireSessionOptions;
  /** The limits of `@SessionLock()`. */
  readonly lock?: Required<SessionLockOptions>;
}

/** What {@link SessionGuard} asks for on a route. */
export interface RequireSessionOptions {
  /** `false`: any live session is enough, and nobody needs to be logged in. @default true */
  readonly subject?: boolean;
  /** Seconds since the user last proved who he is, at most. @default no limit */
  readonly fresh?: number;
  /** Keys that the session must have. @default none */
  readonly keys?: readonly string[];
}

const NO_SESSION_HERE =
  'There is no session here: SessionCryptoModule is not imported, its middleware does not cover this route, ' +
  'SessionService.attach() was not called for this client, or the context of GraphQL has no member "req"';
const NO_SESSION_IN_MESSAGE =
  'A message of a microservice brings no session. Let the sender pass on the subject, or session.id for ' +
  'SessionService.runWithSession(id, …); @SkipSession() takes the handler out of a global guard';

/** Returns the error for a handler whose guard or decorator finds no session. It names the handler. */
export function noSession(context: ExecutionContext): SessionStateError {
  const why = context.getType<string>() === 'rpc' ? NO_SESSION_IN_MESSAGE : NO_SESSION_HERE;
  const where = `${context.getClass().name}.${context.getHandler().name}()`;
  return new SessionStateError('ERR_SESSION_NO_REQUEST', `${where}: ${why}`);
}

const ROUTE_NAMES: OptionNames<RouteSessionOptions> = {
  readonly: true,
  touch: true,
  idleTimeout: true,
  onStoreDown: true,
  cache: true,
};
const REQUIRE_NAMES: OptionNames<RequireSessionOptions> = { subject: true, fresh: true, keys: true };

const METADATA = Symbol.for('nestjs-session-crypto/route');
const NO_ROUTE: SessionRoute = {};

/** Decorators add up. Where two contradict each other, the inner one wins: that of the handler over that of its class, that
 *  of a class over that of the class it extends, and the upper one of two in one place. Metadata is merged by hand, not by
 *  Reflector, because {@link routeOf} reads the merged result once for each handler and keeps it. */
export function addToRoute(part: SessionRoute): MethodDecorator & ClassDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const subject: object = (descriptor?.value as object | undefined) ?? target;
    const before = (Reflect.getMetadata(METADATA, subject) as SessionRoute | undefined) ?? NO_ROUTE;
    SetMetadata(METADATA, merge(before, part))(target, key!, descriptor!);
    if (hasRules(part) && noteRules()) UseGuards(OWN_GUARD)(target, key!, descriptor!);
  };
}

/** True if a request of the route has to be told so before its handler runs. {@link SessionGuard} reads the rest itself. */
const hasRules = ({ options = {} }: SessionRoute): boolean => Object.keys(options).length > 0;

/** The guard of a route that is decorated after an application has started without SessionRouteGuard. */
const OWN_GUARD: CanActivate = {
  canActivate(context) {
    sessionsOfContext(context);
    return true;
  },
};

const merge = (outer: SessionRoute, inner: SessionRoute): SessionRoute => ({
  ...outer,
  ...inner,
  options: mergeOptions({ ...outer.options, ...inner.options }),
  require: { ...outer.require, ...inner.require },
});

const mergeOptions = (options: RouteSessionOptions): RouteSessionOptions | undefined =>
  Object.keys(options).length ? options : undefined;

/** Makes a route use no session: nothing is loaded for it, and {@link SessionGuard} admits its requests. On a class, it
 *  leaves out the handlers that ask for a session by a decorator of their own. */
export const SkipSession = () => addToRoute({ skip: true });

/** Makes a route only read its session: changes throw a SessionStateError. */
export const ReadonlySession = () => addToRoute({ skip: false, options: { readonly: true } });

/** Chooses the session that a route means, and its options there. `idleTimeout` can only be shorter than elsewhere. */
export function UseSession(options: RouteSessionOptions): MethodDecorator & ClassDecorator;
export function UseSession(name: string, options?: RouteSessionOptions): MethodDecorator & ClassDecorator;
export function UseSession(nameOrOptions: string | RouteSessionOptions, options: RouteSessionOptions = {}) {
  checkNames('@UseSession()', typeof nameOrOptions === 'string' ? options : nameOrOptions, ROUTE_NAMES);
  return typeof nameOrOptions === 'string'
    ? addToRoute({ skip: false, name: nameOrOptions, options })
    : addToRoute({ skip: false, options: nameOrOptions });
}

/** Chooses what caches may do with the responses of a route that used a session. It asks for no session, so `@SkipSession()`
 *  of the class stays. @see PHP `session_cache_limiter()` */
export const CacheLimiter = (cache: CacheLimiterMode) => addToRoute({ options: { cache } });

/** Chooses what {@link SessionGuard} asks for on a route. Without it, the guard asks for a session with a subject. What the
 *  class asks for in addition stays, except `subject: false`, which a handler has to repeat. */
export function RequireSession(require: RequireSessionOptions = {}) {
  checkNames('@RequireSession()', require, REQUIRE_NAMES);
  return addToRoute({ skip: false, require: { subject: true, ...require } });
}

/** Merged routes by class and handler. */
const routes = new WeakMap<object, WeakMap<object, SessionRoute>>();

/** Returns what the handler and the class of a context say, merged once. */
export function routeOf(context: ExecutionContext): SessionRoute {
  const owner = context.getClass();
  const handler = context.getHandler();
  let ofClass = routes.get(owner);
  if (!ofClass) routes.set(owner, (ofClass = new WeakMap()));
  let route = ofClass.get(handler);
  if (!route) ofClass.set(handler, (route = routeOfHandler(owner, handler)));
  return route;
}

/** Returns what a handler and its class say, merged. */
export function routeOfHandler(owner: object, handler: object): SessionRoute {
  const ofOwner = Reflect.getMetadata(METADATA, owner) as SessionRoute | undefined;
  const ofHandler = Reflect.getMetadata(METADATA, handler) as SessionRoute | undefined;
  return ofOwner && ofHandler ? merge(ofOwner, ofHandler) : (ofHandler ?? ofOwner ?? NO_ROUTE);
}

/** Returns the sessions of a context, with the rules of its route applied: guard and decorator may come in any order. The session that
 *  the route means is that of its name, which only {@link routeOf} knows. */
export function sessionsOfContext(context: ExecutionContext): RequestSessions | undefined {
  const sessions = rawSessionsOf(context);
  if (!sessions) return undefined;
  const { name, options } = routeOf(context);
  sessions.applyRoute(name, options);
  return sessions;
}

/** Returns the sessions of whatever a context stands for: an HTTP request, a GraphQL operation, or a WebSocket client that
 *  a session was attached to. */
function rawSessionsOf(context: ExecutionContext): RequestSessions | undefined {
  switch (context.getType<string>()) {
    case 'http':
      return ofPlatform(context.switchToHttp().getRequest<object>());
    case 'graphql':
      return sessionsOf(requestOfOperation(context));
    case 'ws':
      return sessionsOf(context.switchToWs().getClient<object>());
    default:
      return undefined;
  }
}

function ofPlatform(request: object): RequestSessions | undefined {
  const sessions = sessionsOf(request);
  sessions?.setPlatformRequest(request);
  return sessions;
}

/** A member of a GraphQL context that holds the request, or what a subscription has in its place. */
interface OperationRequest {
  readonly request?: object;
  /** What graphql-ws keeps of a socket: the request of its handshake, and what `attach()` was called for. */
  readonly extra?: { readonly request?: object };
}

/** A GraphQL context holds the request as `req` (Apollo), `request` or `reply.request` (Mercurius). It is the third argument of a
 *  resolver, and the second one of a reference resolver, which has three. */
function requestOfOperation(context: ExecutionContext): object | undefined {
  const args = context.getArgs<unknown[]>();
  const operation = Object(args.length === 3 ? args[1] : args[2]) as Record<
    'req' | 'request' | 'reply',
    OperationRequest | undefined
  >;
  const request = operation.req ?? operation.request ?? operation.reply?.request;
  const { extra } = Object(request) as OperationRequest;
  return sessionsOf(extra) ? extra : (extra?.request ?? request);
}

/** Returns the HTTP request that a context came with, as the platform wraps it; `undefined` if there is none, as for a
 *  message of a socket or of a queue. */
export function httpRequestOf(context: ExecutionContext): object | undefined {
  if (context.getType<string>() === 'http') return context.switchToHttp().getRequest<object>();
  return context.getType<string>() === 'graphql' ? requestOfOperation(context) : undefined;
}
