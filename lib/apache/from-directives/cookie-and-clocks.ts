import type { CookieOptions } from '../../options/cookie-options.interface.js';
import type { SessionOptions } from '../../options/session-options.interface.js';
import type { EffectiveConfig } from '../directives/model.interface.js';

/** True if sessions are kept in mod_session_dbd's table. httpd prefers the cookie store if both are configured. */
export const usesDbd = ({ cookie, dbdCookie, dbdPerUser }: EffectiveConfig): boolean =>
  !cookie && (dbdCookie !== undefined || dbdPerUser);

/** Returns the cookie options of a place. All options are set, so that a context inherits none from the server. */
export function cookieOf(config: EffectiveConfig): CookieOptions {
  const setting = config.cookie ?? config.cookie2 ?? config.dbdCookie ?? config.dbdCookie2;
  if (!setting) return {};
  const { path = '/', domain, sameSite = 'lax', maxAge = 0 } = setting.attributes;
  return {
    name: setting.name,
    path,
    domain,
    sameSite,
    lifetime: config.maxAge && config.cookieMaxAge ? config.maxAge : Math.max(0, maxAge),
  };
}

/** Returns the session options of a place. httpd has no absolute timeout, so there is none here. httpd writes a session at
 *  every request unless SessionExpiryUpdateInterval says otherwise; here, half of the idle timeout passes between two
 *  touches. All options are set, so that a context inherits none from the server. */
export function sessionOf({
  enabled,
  maxAge,
  updateInterval,
  includes,
  excludes,
}: EffectiveConfig): SessionOptions {
  return {
    enabled,
    idleTimeout: maxAge,
    absoluteTimeout: 0,
    touchInterval: Math.min(updateInterval || Math.floor(maxAge / 2), Math.max(0, maxAge - 1)),
    include: includes.map(({ prefix }) => prefix),
    exclude: excludes.map(({ prefix }) => prefix),
    match: 'prefix',
  };
}
