import type { IncomingMessage, ServerResponse } from 'node:http';
import { prepareResponse } from '../http/gate/gated-response.js';
import { holdByPrototype } from '../http/gate/held-head.js';
import { reserveSessions, sessionsOf } from './request-sessions.js';

/** Puts all properties that the session middleware needs on a raw request and its response, before Express changes their
 *  prototypes: later, each of them costs 100 times as much (see {@link prepareResponse}). Without it, the middleware puts
 *  them there itself. */
export function prepareRequest(
  request: IncomingMessage,
  response: ServerResponse,
  prototype: ServerResponse,
): void {
  if (sessionsOf(request)) return;
  reserveSessions(request);
  holdByPrototype(prototype);
  prepareResponse(response, prototype);
}
