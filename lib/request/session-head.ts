import type { PlatformRequest } from '../http/connection.js';
import { clearElsewhere } from '../http/cookie-places.js';
import type { CookieEndpoint } from '../manager/cookie-endpoint.js';
import type { EndpointMigrationSource } from '../manager/endpoint-migration-source.interface.js';
import type { SessionProfile } from '../manager/session-profile.js';
import type { CookieAction } from '../persistence/session-commit.interface.js';
import type { SessionState } from '../session/session-state.js';
import type { RequestLookup } from './request-lookup.interface.js';
import type { OwnCookie, SessionFeature } from './session-feature.interface.js';

/** What is known of one session when the head of the response is sent. */
export interface HeadFacts {
  readonly request: PlatformRequest;
  readonly profile: SessionProfile;
  readonly endpoint: CookieEndpoint;
  readonly lookup: RequestLookup;
  readonly state: SessionState;
  readonly feature?: SessionFeature | undefined;
  /** Of programs that still run beside us and keep sessions: those whose session this request has ended. */
  readonly kept?: { readonly ended: readonly EndpointMigrationSource[] } | undefined;
}

/** Appends the Set-Cookie lines that the head needs for this session: its own cookie, and the removal of the cookie that
 *  it was migrated from. Where several cookies brought sessions, those at other places are removed too. The own line
 *  is the last of its name, so that a client which ignores paths and domains keeps it. */
export function addCookieLines(facts: HeadFacts, lines: string[]): void {
  const own = ownCookieLine(facts);
  if (own !== undefined) {
    const { lookup, endpoint, request } = facts;
    if (lookup.scattered) lines.push(...clearElsewhere(endpoint.cookie, request));
    lines.push(own);
  }
  lines.push(...migratedCookieLines(facts));
}

/** The session's own cookie travels only where cookies are sent, and not where the id came in a header. */
function ownCookieLine({ profile, endpoint, lookup, state, feature }: HeadFacts): string | undefined {
  const { cookie, repository, cookieForbidden, identify } = endpoint;
  if (cookieForbidden || identify || lookup.idSource === 'header' || !profile.sendsCookies) return undefined;
  const own = feature?.ownCookie;
  if (state.loaded && isDue(state.cookie, own)) {
    const value = repository.cookieValue(state.loaded);
    const sent = own?.attributes ? cookie.with(own.attributes) : cookie;
    return own?.lifetime ? sent.setFor(own.lifetime.seconds, value) : sent.set(value);
  }
  return state.cookie === 'clear' || lookup.clear ? cookie.clear() : undefined;
}

/** A cookie that lives until the browser closes need not be renewed. */
function isDue(cookie: CookieAction, own: OwnCookie | undefined): boolean {
  if (cookie === 'clear' || cookie === 'withhold') return false;
  const isEndless = own?.lifetime && own.lifetime.seconds === undefined;
  return sendsId(cookie) || (cookie === 'renew' && !isEndless) || own?.resend === true;
}

const sendsId = (cookie: CookieAction): boolean => cookie === 'send' || cookie === 'resend';

/** The foreign cookie is cleared once the session is stored in the native format, or has ended: otherwise it would bring a
 *  session back that was logged out. A session that only this route hides keeps it. */
function migratedCookieLines({ lookup: { migrationSource }, state, kept }: HeadFacts): string[] {
  if (!migrationSource && !kept) return [];
  const isLeft = !migrationSource || migrationSource.keep || state.loaded?.migratableUntil || state.hidden;
  return [...(isLeft ? [] : [migrationSource]), ...(kept?.ended ?? [])].flatMap(clearLines);
}

const clearLines = ({ cookie, signature }: EndpointMigrationSource): string[] => [
  cookie.clear(),
  ...(signature ? [signature.clear()] : []),
];

/** Returns the header that sends a new id to a client that carries ids in a header; its value is empty once the session
 *  has ended. */
export function idHeader({
  profile,
  endpoint,
  lookup,
  state,
}: HeadFacts): Readonly<Record<string, string>> | undefined {
  if (lookup.idSource !== 'header' || endpoint.cookieForbidden) return undefined;
  const name = profile.options.id.header;
  if ((sendsId(state.cookie) || state.cookie === 'renew') && state.loaded)
    return { [name]: endpoint.repository.cookieValue(state.loaded) };
  return state.cookie === 'clear' ? { [name]: '' } : undefined;
}
