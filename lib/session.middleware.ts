import type { ServerResponse } from 'node:http';
import type { PlatformRequest } from './http/index.js';
import { currentSessions, keepSessions, RequestSessions, sessionsOf } from './request-sessions.js';
import type { SessionEngine } from './session-engine.js';

type Raw<T> = T & { raw?: T };

/** Gives every request its sessions, unloaded, and gates its response. The first of several modules makes the gate,
 *  the others join. */
export function sessionMiddleware(engine: SessionEngine) {
  const { commitTimeout } = engine.options;
  return (request: Raw<PlatformRequest>, response: Raw<ServerResponse>, next: () => void): void => {
    const raw = request.raw ?? request;
    const present = sessionsOf(raw);
    if (present) {
      if (!present.has(engine)) present.add(engine);
      return next();
    }
    const sessions = new RequestSessions(raw);
    sessions.add(engine);
    keepSessions(raw, sessions);
    sessions.gate(response.raw ?? response, commitTimeout);
    currentSessions.run(sessions, next);
  };
}
