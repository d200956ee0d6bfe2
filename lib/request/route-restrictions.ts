import type { CookieEndpoint } from '../manager/cookie-endpoint.js';
import type { SessionRecord } from '../record/session-record.js';
import { FULL_ACCESS, type ReadonlyReason, type SessionAccess } from '../session/session-access.js';
import type { RouteSessionOptions } from './route-session-options.interface.js';

/** What the routes of a request have forbidden so far. Restrictions add up: several handlers can share a session, as the fields
 *  of one GraphQL operation do, and none may lift what another forbids. */
export interface RouteRestrictions {
  /** The session takes no change. */
  readonly readonly: boolean;
  /** Only `touch()` moves the idle clock. */
  readonly untouched: boolean;
  /** Neither the idle clock nor the id is renewed. */
  readonly unrenewed: boolean;
  /** The shortest idle timeout of the routes, in seconds; 0 for none. */
  readonly idleTimeout: number;
}

/** What most requests have, which need no value of their own. */
export const UNRESTRICTED: RouteRestrictions = Object.freeze({
  readonly: false,
  untouched: false,
  unrenewed: false,
  idleTimeout: 0,
});

/** Adds the restrictions of a route. */
export function restrict(before: RouteRestrictions, route: RouteSessionOptions): RouteRestrictions {
  const { readonly, touch, idleTimeout = 0 } = route;
  if (readonly !== true && touch !== false && !idleTimeout) return before;
  return {
    ...before,
    readonly: before.readonly || readonly === true,
    untouched: before.untouched || touch === false,
    idleTimeout: shorter(before.idleTimeout, idleTimeout),
  };
}

/** Returns the shorter one of two timeouts, of which 0 is none. */
const shorter = (one: number, other: number): number => (one && other ? Math.min(one, other) : one || other);

/** Reports whether a stored session counts as ended on the routes of a request, since nobody has used it for so long. */
export const isIdle = (
  { idleTimeout }: RouteRestrictions,
  { lastSeenAt }: Pick<SessionRecord, 'lastSeenAt'>,
  now: number,
): boolean => idleTimeout > 0 && now - lastSeenAt >= idleTimeout;

/** Returns what a request may do with its session. `absence` says why there is none; it counts before the route. */
export function accessOf(
  restrictions: RouteRestrictions,
  { cookieForbidden }: CookieEndpoint,
  absence: ReadonlyReason | undefined,
): SessionAccess {
  if (restrictions === UNRESTRICTED && !cookieForbidden && absence === undefined) return FULL_ACCESS;
  const { readonly, untouched, unrenewed } = restrictions;
  const renewal = untouched ? 'explicit' : 'due';
  return {
    cookie: cookieForbidden ? 'forbidden' : 'allowed',
    readonly: absence ?? (readonly ? 'route' : undefined),
    renewal: unrenewed ? 'never' : renewal,
  };
}
