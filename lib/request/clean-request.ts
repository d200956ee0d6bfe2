import type { PlatformRequest } from '../http/connection.js';
import { takeFieldId, takeQueryId } from '../http/page-ids.js';
import type { SessionProfile } from '../manager/session-profile.js';
import { dropBackendHeaders, type BackendExchange } from './backend-exchange.js';

/** Takes the id out of the address, forged backend headers out of the request, and our cookies where the format asks for it.
 *  Headers of all contexts go, since a backend may read the path in another way than we do. */
export function cleanRequest(
  request: PlatformRequest,
  profile: SessionProfile,
  backendHeaders: ReadonlySet<string>,
  backend: BackendExchange | undefined,
): void {
  const { sources, parameter } = profile.options.id;
  if (!profile.cookieOnly && sources.includes('query')) takeQueryId(request, parameter);
  dropBackendHeaders(request, backendHeaders);
  backend?.hideCookies(request, profile.cookieNames);
}

/** Takes the id out of a parsed body where ids come in forms. */
export function cleanBody(request: PlatformRequest, profile: SessionProfile, body: unknown): void {
  const { sources, parameter } = profile.options.id;
  if (!profile.cookieOnly && sources.includes('body')) takeFieldId(request, body, parameter);
}
