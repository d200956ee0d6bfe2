import { andThen, type Awaitable } from '../crypto/awaitable.js';
import type { PlatformRequest } from '../http/connection.js';
import { findIds } from '../http/id-sources.js';
import { cookiesOf } from '../http/request-headers.js';
import type { CookieEndpoint } from '../manager/cookie-endpoint.js';
import type { SessionProfile } from '../manager/session-profile.js';
import { openCandidates } from '../persistence/open-candidates.js';
import type { SessionLookup } from '../persistence/session-repository.interface.js';
import { migrateSession } from './migrate-session.js';
import type { RequestLookup } from './request-lookup.interface.js';

/** No session, and nothing that the browser should forget. */
export const NO_SESSION: SessionLookup = { kind: 'none', reason: 'expired', ours: true };
/** No cookie may be sent, so none is read. */
const COOKIE_FORBIDDEN: RequestLookup = { found: NO_SESSION, clear: false };
/** Sessions are off for this host or path. */
export const SESSIONS_OFF: RequestLookup = { found: NO_SESSION, clear: false, absence: 'off' };
/** A page of another origin has opened the socket, so the cookie of its handshake is not read. */
export const FOREIGN_ORIGIN: RequestLookup = { found: NO_SESSION, clear: false, absence: 'origin' };
/** The store finds sessions by user, and the request names none. */
const NO_USER: RequestLookup = { found: NO_SESSION, clear: false, absence: 'nobody' };

/** Finds the session of a request: by its user, by the ids that the request carries, or in a foreign format that is
 *  migrated. `body` is the body as the platform has parsed it. */
export function findSession(
  profile: SessionProfile,
  endpoint: CookieEndpoint,
  request: PlatformRequest,
  body: unknown,
): Awaitable<RequestLookup> {
  if (endpoint.identify) return findByUser(endpoint, endpoint.identify(request));
  if (endpoint.cookieForbidden) return COOKIE_FORBIDDEN;
  return profile.cookieOnly ? findByCookie(endpoint, request) : findByIds(profile, endpoint, request, body);
}

/** True if nothing in the request can lead to a session, so that {@link findSession} asks nobody. */
export const bringsNothing = (
  profile: SessionProfile,
  endpoint: CookieEndpoint,
  request: PlatformRequest,
): boolean => profile.cookieOnly && !endpoint.identify && cookiesOf(request) === undefined;

function findByUser(endpoint: CookieEndpoint, user: string | undefined): Awaitable<RequestLookup> {
  if (user === undefined) return NO_USER;
  return endpoint.cookieForbidden ? COOKIE_FORBIDDEN : open(endpoint, [user]);
}

function findByCookie(endpoint: CookieEndpoint, request: PlatformRequest): Awaitable<RequestLookup> {
  const cookies = cookiesOf(request);
  const values = endpoint.cookie.values(cookies);
  return values.length || !cookies ? open(endpoint, values) : findMigrated(endpoint, cookies);
}

/** Where the cookie is one of several sources, a foreign format's cookie counts only when no source brings an id. */
function findByIds(
  profile: SessionProfile,
  endpoint: CookieEndpoint,
  request: PlatformRequest,
  body: unknown,
): Awaitable<RequestLookup> {
  const { values, idSource } = findIds(profile.options.id, endpoint.cookie, request, body);
  const cookies = cookiesOf(request);
  const isOurs = values.length || !cookies || !profile.sendsCookies;
  const found = isOurs ? open(endpoint, values) : findMigrated(endpoint, cookies);
  return andThen(found, (lookup) => ({ ...lookup, idSource }));
}

function findMigrated(endpoint: CookieEndpoint, cookies: string): Awaitable<RequestLookup> {
  return endpoint.migrationSources.length ? migrateSession(endpoint, cookies) : open(endpoint, []);
}

const open = (
  { name, repository, events, probes }: CookieEndpoint,
  values: readonly string[],
): Awaitable<RequestLookup> => openCandidates(name, repository, values, events, probes);
