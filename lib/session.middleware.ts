import type { ServerResponse } from 'node:http';
import { setFacts, type PlatformRequest } from './http/connection.js';
import { isAllowedHandshake } from './http/handshake-origin.js';
import type { SessionManager } from './manager/session-manager.js';
import {
  attachSessions,
  awaitsSessions,
  currentSessions,
  RequestSessions,
  sessionsOf,
} from './request/request-sessions.js';

type Raw<T> = T & { raw?: T };
type Next = (error?: unknown) => void;

/** Returns a middleware that gives every request its sessions, which are not loaded yet, and gates its response. With
 *  several modules, the first makes the gate and the others join. */
export function sessionMiddleware(manager: SessionManager) {
  const { asyncContext } = manager.base.options;
  return (request: Raw<PlatformRequest>, response: Raw<ServerResponse>, next: Next): void => {
    if (awaitsSessions(request)) return begin(request, response, next);
    const present = sessionsOf(request);
    if (!present) {
      if (request.raw) setFacts(request.raw, request);
      return begin(request.raw ?? request, response.raw ?? response, next);
    }
    if (present.of(manager)) return next();
    if (manager.shouldPruneNow()) pruneAfter(response.raw ?? response);
    goOn(present, present.add(manager).onRequest(), next);
  };

  function begin(raw: PlatformRequest, response: ServerResponse, next: Next): void {
    if (manager.shouldPruneNow()) pruneAfter(response);
    const handshake = handshakeOf(raw);
    const sessions = new RequestSessions(raw, handshake);
    if (handshake) sessions.onHandshake(raw.socket);
    if (sessions.foreignOrigin) manager.base.warnings.refusedHandshake(raw);
    const session = sessions.add(manager);
    const waiting = session.onRequest();
    attachSessions(raw, sessions);
    sessions.gate(response, session.profile.gateLimits);
    goOn(sessions, waiting, next);
  }

  function pruneAfter(response: ServerResponse): void {
    response.once('close', () => manager.pruneQuietly());
  }

  function goOn(sessions: RequestSessions, waiting: Promise<void> | undefined, next: Next): void {
    if (asyncContext) currentSessions.run(sessions, proceed, waiting, next);
    else proceed(waiting, next);
  }
}

/** Returns the verdict on the request that opens a WebSocket, if it is one: Fastify sends it through the middleware. Its sessions
 *  live as long as the socket, and a page of another origin gets none. The header alone is the word of a client. `upgrade` is
 *  Node's: true only if the request came with the event `upgrade`. A handshake is a GET (RFC 6455 §4.1). */
function handshakeOf(
  raw: PlatformRequest & { readonly upgrade?: unknown },
): { allowed: boolean } | undefined {
  const { upgrade, method, headers } = raw;
  if (upgrade !== true || method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket')
    return undefined;
  return { allowed: isAllowedHandshake(raw, []) };
}

/** Returns what runs behind the body parsers of Express: it enters the request's AsyncLocalStorage again, which a body parser
 *  loses while it waits for the body. `onError` does so for the filter of an error, such as that of a parser. */
export function contextMiddleware(manager: SessionManager): ContextMiddleware {
  const enter = (request: Raw<PlatformRequest>, proceed: Next, error?: unknown): void => {
    const sessions = sessionsOf(request);
    const { asyncContext } = manager.base.options;
    if (!asyncContext || !sessions || currentSessions.getStore() === sessions) return proceed(error);
    currentSessions.run(sessions, proceed, error);
  };
  return {
    onRequest: (request, _response, next) => enter(request, next),
    onError: (error, request, _response, next) => enter(request, next, error),
  };
}

/** See {@link contextMiddleware}. */
export interface ContextMiddleware {
  onRequest(request: Raw<PlatformRequest>, response: unknown, next: Next): void;
  onError(error: unknown, request: Raw<PlatformRequest>, response: unknown, next: Next): void;
}

/** Calls `next` at once, or when what the handler needs is there. */
function proceed(waiting: Promise<void> | undefined, next: Next): void {
  if (waiting) void waiting.then(() => next()).catch(next);
  else next();
}
