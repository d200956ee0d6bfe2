import { andThen, type Awaitable } from '../crypto/awaitable.js';
import type { RequestLookup } from './request-lookup.interface.js';
import { cookiesOf } from '../http/request-headers.js';
import { findIds } from '../http/id-sources.js';
import type { PlatformRequest } from '../http/connection.js';
import { openCandidates } from '../persistence/open-candidates.js';
import type { SessionLookup } from '../persistence/session-repository.interface.js';
import type { CookieEndpoint } from '../manager/cookie-endpoint.js';
import type { SessionEngine } from '../manager/session-engine.js';
import { migrateSession } from './migrate-session.js';

export const NONE: SessionLookup = { kind: 'none', reason: 'expired', ours: true };
const UNSENDABLE: RequestLookup = { found: NONE, clear: false };
const OFF: RequestLookup = { found: NONE, clear: false, absence: 'off' };
const NOBODY: RequestLookup = { found: NONE, clear: false, absence: 'nobody' };

/** Looks for the session of a request: by its user, by the ids that it brings, or in a form that is led over to ours.
 *  `body`: as the platform has parsed it. */
export function findSession(
  engine: SessionEngine,
  channel: CookieEndpoint,
  request: PlatformRequest,
  body: unknown,
): Awaitable<RequestLookup> {
  if (!engine.contexts.covers(request)) return OFF;
  if (channel.identify) return byUser(channel, channel.identify(request));
  if (channel.cookieForbidden) return UNSENDABLE;
  return engine.cookieOnly ? byCookie(channel, request) : byIds(engine, channel, request, body);
}

function byUser(channel: CookieEndpoint, user: string | undefined): Awaitable<RequestLookup> {
  if (user === undefined) return NOBODY;
  return channel.cookieForbidden ? UNSENDABLE : open(channel, [user]);
}

function byCookie(channel: CookieEndpoint, request: PlatformRequest): Awaitable<RequestLookup> {
  const cookies = cookiesOf(request);
  const values = channel.cookie.values(cookies);
  return values.length || !cookies ? open(channel, values) : byOrigin(channel, cookies);
}

/** Where ids come in the cookie besides, another form's cookie counts when no source brings an id. */
function byIds(
  engine: SessionEngine,
  channel: CookieEndpoint,
  request: PlatformRequest,
  body: unknown,
): Awaitable<RequestLookup> {
  const { values, idSource } = findIds(engine.options.id, channel.cookie, request, body);
  const cookies = cookiesOf(request);
  const found =
    values.length || !cookies || !engine.sendsCookies ? open(channel, values) : byOrigin(channel, cookies);
  return andThen(found, (one) => ({ ...one, idSource }));
}

function byOrigin(channel: CookieEndpoint, cookies: string): Awaitable<RequestLookup> {
  return channel.migrationSources.length ? migrateSession(channel, cookies) : open(channel, []);
}

const open = (
  { name, repository, events }: CookieEndpoint,
  values: readonly string[],
): Awaitable<RequestLookup> => openCandidates(name, repository, values, events);
