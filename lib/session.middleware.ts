import type { ServerResponse } from 'node:http';
import type { PlatformRequest } from './http/index.js';
import { currentSessions, keepSessions, RequestSessions, sessionsOf } from './request-sessions.js';
import type { SessionEngine } from './session-engine.js';

type Raw<T> = T & { raw?: T };
type Next = (error?: unknown) => void;

/** Gives every request its sessions, unloaded, and gates its response. The first of several modules makes the gate,
 *  the others join. */
export function sessionMiddleware(engine: SessionEngine) {
  const { commitTimeout } = engine.options;
  return (request: Raw<PlatformRequest>, response: Raw<ServerResponse>, next: Next): void => {
    const raw = request.raw ?? request;
    const present = sessionsOf(raw);
    if (present) {
      if (present.has(engine)) return next();
      return proceed(present.add(engine).arrive(), next);
    }
    const sessions = new RequestSessions(raw);
    const waiting = sessions.add(engine).arrive();
    keepSessions(raw, sessions);
    sessions.gate(response.raw ?? response, commitTimeout);
    if (waiting) currentSessions.run(sessions, proceed, waiting, next);
    else currentSessions.run(sessions, next);
  };
}

/** Goes on at once, or when what the handler needs is there. */
function proceed(waiting: Promise<void> | undefined, next: Next): void {
  if (waiting) void waiting.then(() => next(), next);
  else next();
}
