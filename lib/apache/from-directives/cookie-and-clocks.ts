import { MAX_COOKIE_LIFETIME } from '../../http/cookie-syntax.js';
import type { CookieOptions } from '../../options/cookie-options.interface.js';
import { TEN_YEARS } from '../../options/limits.js';
import { inForeignSeconds } from '../../options/seconds.js';
import type { SessionOptions } from '../../options/session-options.interface.js';
import type { EffectiveConfig } from '../directives/model.interface.js';
import { cookieSettingOf } from '../directives/store-kind.js';

/** Returns the cookie options of a place. All options are set, so that a context inherits none from the server. */
export function cookieOf(config: EffectiveConfig): CookieOptions {
  const setting = cookieSettingOf(config);
  if (!setting) return {};
  const { path = '/', domain, sameSite = 'lax', partitioned, priority } = setting.attributes;
  return inForeignSeconds({
    name: setting.name,
    path,
    domain,
    sameSite,
    partitioned,
    priority,
    lifetime: Math.min(lifetimeOf(config), MAX_COOKIE_LIFETIME),
  });
}

/** Returns the seconds that a browser keeps the cookie as httpd sends it; 0 until it closes. httpd writes the Max-Age of
 *  SessionMaxAge in front of the attributes of the directive, and the last Max-Age counts (RFC 6265bis §5.7). */
export function lifetimeOf(config: EffectiveConfig): number {
  const written = cookieSettingOf(config)?.attributes.maxAge;
  return written ?? (config.cookieMaxAge ? config.maxAge : 0);
}

/** Returns the session options of a place. httpd has no absolute timeout, so there is none here. httpd writes a session at
 *  every request unless SessionExpiryUpdateInterval says otherwise; here, half of the idle timeout passes between two
 *  touches. All options are set, so that a context inherits none from the server. */
export function sessionOf(config: EffectiveConfig): SessionOptions {
  const idle = Math.min(config.maxAge, TEN_YEARS);
  return inForeignSeconds({
    enabled: config.enabled,
    idleTimeout: idle,
    absoluteTimeout: 0,
    touchInterval: touchIntervalOf(config, idle),
    include: config.includes.map(({ prefix }) => prefix),
    exclude: config.excludes.map(({ prefix }) => prefix),
    match: 'prefix',
  });
}

/** Returns the seconds between two touches: before the session ends, and before the browser drops the cookie. */
function touchIntervalOf(config: EffectiveConfig, idle: number): number {
  const wanted = Math.min(config.updateInterval || Math.floor(idle / 2), Math.max(0, idle - 1));
  const lifetime = Math.min(lifetimeOf(config), MAX_COOKIE_LIFETIME);
  return lifetime && wanted > lifetime ? Math.floor(lifetime / 2) : wanted;
}
