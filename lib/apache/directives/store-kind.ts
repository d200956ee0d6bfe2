import type { CookieSetting, EffectiveConfig } from './model.interface.js';

// Where httpd keeps the sessions of a place. The lines say what is written, so a directive with a fault counts too.

type Lines = Pick<EffectiveConfig, 'lines'>;

/** True if mod_session_cookie keeps the sessions. httpd asks it first. */
export const usesCookieStore = ({ lines }: Lines): boolean =>
  lines.cookie !== undefined || lines.cookie2 !== undefined;

/** True if a cookie leads to the rows of mod_session_dbd. SessionDBDPerUser then has no effect. */
export const hasDbdCookie = ({ lines }: Lines): boolean =>
  lines.dbdCookie !== undefined || lines.dbdCookie2 !== undefined;

/** True if mod_session_dbd keeps the sessions in its table. */
export const usesDbd = (config: EffectiveConfig): boolean =>
  !usesCookieStore(config) && (hasDbdCookie(config) || config.dbdPerUser);

/** True if mod_session_dbd finds a session by its user. */
export const isByUser = (config: EffectiveConfig): boolean => usesDbd(config) && !hasDbdCookie(config);

/** Returns the cookie that httpd sends to browsers, if the place has one. */
export const cookieSettingOf = (config: EffectiveConfig): CookieSetting | undefined =>
  usesCookieStore(config) ? config.cookie : config.dbdCookie;
