import type { ServerResponse } from 'node:http';
import type { GateLimits } from './http/gate/response-gate.js';
import type { PlatformRequest } from './http/connection.js';
import { currentSessions, attachSessions, RequestSessions, sessionsOf } from './request/request-sessions.js';
import type { SessionEngine } from './manager/session-engine.js';

type Raw<T> = T & { raw?: T };
type Next = (error?: unknown) => void;

/** Bytes of body that wait for a commit; a producer that heeds back-pressure never comes near. */
const HELD_BYTES = 16 * 2 ** 20;

/** Gives every request its sessions, unloaded, and gates its response. The first of several modules makes the gate,
 *  the others join. */
export function sessionMiddleware(engine: SessionEngine) {
  const { asyncContext } = engine.options;
  const limits: GateLimits = { timeout: engine.options.commitTimeout, held: HELD_BYTES };
  return (request: Raw<PlatformRequest>, response: Raw<ServerResponse>, next: Next): void => {
    const raw = request.raw ?? request;
    const present = sessionsOf(raw);
    if (present?.has(engine)) return next();
    if (engine.drawsPrune()) (response.raw ?? response).once('close', () => engine.pruneQuietly());
    if (present) return goOn(present, present.add(engine).onRequest(), next);
    const sessions = new RequestSessions(raw);
    const waiting = sessions.add(engine).onRequest();
    attachSessions(raw, sessions);
    sessions.gate(response.raw ?? response, limits);
    goOn(sessions, waiting, next);
  };

  function goOn(sessions: RequestSessions, waiting: Promise<void> | undefined, next: Next): void {
    if (asyncContext) currentSessions.run(sessions, proceed, waiting, next);
    else proceed(waiting, next);
  }
}

/** Goes on at once, or when what the handler needs is there. */
function proceed(waiting: Promise<void> | undefined, next: Next): void {
  if (waiting) void waiting.then(() => next()).catch(next);
  else next();
}
