import { SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { CacheLimiter as CacheLimiterMode } from './http/cache-headers.js';
import { sessionsOf, type RequestSessions } from './request/request-sessions.js';
import type { RouteSessionOptions } from './request/route-session-options.interface.js';

/** What a handler and its class say of sessions, put together. */
export interface SessionRoute {
  readonly skip?: boolean;
  /** The session that is meant where none is named. */
  readonly name?: string;
  readonly options?: RouteSessionOptions;
  readonly require?: RequireSessionOptions;
}

export interface RequireSessionOptions {
  /** `false`: a session is enough, nobody needs to be logged in. @default true */
  readonly subject?: boolean;
  /** Seconds since somebody last proved who they are. */
  readonly fresh?: number;
  /** Keys that the session must have. */
  readonly keys?: readonly string[];
}

const METADATA = Symbol.for('nestjs-session-crypto/route');
const NO_ROUTE: SessionRoute = {};

/** Several decorators on one handler add up; the upper one wins. */
function addToRoute(part: SessionRoute): MethodDecorator & ClassDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const subject: object = (descriptor?.value as object | undefined) ?? target;
    const before = (Reflect.getOwnMetadata(METADATA, subject) as SessionRoute | undefined) ?? NO_ROUTE;
    SetMetadata(METADATA, join(before, part))(target, key!, descriptor!);
  };
}

const join = (outer: SessionRoute, inner: SessionRoute): SessionRoute => ({
  ...outer,
  ...inner,
  options: { ...outer.options, ...inner.options },
  require: { ...outer.require, ...inner.require },
});

/** The route asks for no session: nothing is loaded for it, and {@link SessionGuard} lets it pass. */
export const SkipSession = () => addToRoute({ skip: true });

/** The route only reads its session; changes throw a SessionStateError. */
export const ReadonlySession = () => addToRoute({ options: { readonly: true } });

/** Which session a route means, and how it is treated there. `idleTimeout` can only be shorter than elsewhere. */
export function UseSession(options: RouteSessionOptions): MethodDecorator & ClassDecorator;
export function UseSession(name: string, options?: RouteSessionOptions): MethodDecorator & ClassDecorator;
export function UseSession(nameOrOptions: string | RouteSessionOptions, options: RouteSessionOptions = {}) {
  return typeof nameOrOptions === 'string'
    ? addToRoute({ name: nameOrOptions, options })
    : addToRoute({ options: nameOrOptions });
}

/** What caches may do with the answers of a route that used a session. @see PHP `session_cache_limiter()` */
export const CacheLimiter = (cache: CacheLimiterMode) => addToRoute({ options: { cache } });

/** What {@link SessionGuard} demands on a route; without it, a session with a subject. */
export const RequireSession = (require: RequireSessionOptions = {}) => addToRoute({ require });

const routes = new WeakMap<object, WeakMap<object, SessionRoute>>();

/** What the handler and class of a context say, joined once. */
export function routeOf(context: ExecutionContext): SessionRoute {
  const owner = context.getClass();
  const handler = context.getHandler();
  let ofClass = routes.get(owner);
  if (!ofClass) routes.set(owner, (ofClass = new WeakMap()));
  let route = ofClass.get(handler);
  if (!route) ofClass.set(handler, (route = read(owner, handler)));
  return route;
}

function read(owner: object, handler: object): SessionRoute {
  const ofOwner = Reflect.getMetadata(METADATA, owner) as SessionRoute | undefined;
  const ofHandler = Reflect.getMetadata(METADATA, handler) as SessionRoute | undefined;
  return ofOwner && ofHandler ? join(ofOwner, ofHandler) : (ofHandler ?? ofOwner ?? NO_ROUTE);
}

/** The sessions of a context, told what its route says of them: whoever comes first, guard or decorator. */
export function sessionsOfContext(context: ExecutionContext): RequestSessions | undefined {
  const sessions = rawSessionsOf(context);
  if (sessions) sessions.applyRoute(routeOf(context));
  return sessions;
}

/** The sessions of a request, which learn where its parsed body is. */
function ofPlatform(request: object): RequestSessions | undefined {
  const sessions = sessionsOf(request);
  if (sessions) sessions.platform = request;
  return sessions;
}

/** The sessions of whatever a context stands for: an HTTP request, a GraphQL operation on one, or a WebSocket client
 *  that a session was attached to. */
function rawSessionsOf(context: ExecutionContext): RequestSessions | undefined {
  switch (context.getType<string>()) {
    case 'http':
      return ofPlatform(context.switchToHttp().getRequest<object>());
    case 'graphql': {
      const { req, request, reply } = Object(context.getArgByIndex(2)) as Record<
        string,
        { request?: object } | undefined
      >;
      return sessionsOf(req ?? request ?? reply?.request);
    }
    case 'ws':
      return sessionsOf(context.switchToWs().getClient<object>());
    default:
      return undefined;
  }
}
