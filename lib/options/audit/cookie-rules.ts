import type { AuditRule, Judgement, RuleText } from './audit.interface.js';
import { cookieFacts, type CookieFacts } from './cookie-facts.js';

/** A recommendation for a cookie, be it in options or in the answer of a site. */
export interface CookieRule extends RuleText {
  /** `limit`: seconds after which the session ends, 0 for never. */
  judgeCookie(cookie: CookieFacts, limit: number): Judgement;
}

/** Names that tell a platform (OWASP session sheet, Session ID Name Fingerprinting). */
const TELLING =
  /^(?:__\w+-)*(?:phpsessid|jsessionid|asp\.net_sessionid|aspsessionid\w*|cfid|cftoken|connect\.sid|laravel_session|_\w*_session|ci_session|sessionid|express[.:]sess(?:ion)?|koa[.:]sess)$/i;
const MAX_SIZE = 4096;

const judged = (value: string, verdict: Judgement['verdict']): Judgement => ({ value, verdict });

export const COOKIE_RULES: readonly CookieRule[] = [
  {
    code: 'plain-cookie',
    setting: 'cookie.secure',
    recommended: "'auto' or true",
    why: 'without Secure the cookie goes over plain connections, where everybody on the way reads it',
    remedy: 'serve the site by TLS and take cookie.secure: false away',
    source: 'PHP session.cookie_secure, ASVS 3.3.1, OWASP session sheet (Secure)',
    judgeCookie: ({ secure }) =>
      secure ? judged('Secure', 'ok') : judged('sent over plain connections', 'broken'),
  },
  {
    code: 'script-readable-cookie',
    setting: 'cookie.httpOnly',
    recommended: 'true',
    why: 'scripts of the page can read the cookie, so one injected script takes every session',
    remedy: 'take cookie.httpOnly: false away',
    source: 'PHP session.cookie_httponly, ASVS 3.3.4, OWASP session sheet (HttpOnly)',
    judgeCookie: ({ httpOnly }) =>
      httpOnly ? judged('HttpOnly', 'ok') : judged('scripts read it', 'broken'),
  },
  {
    code: 'cross-site-cookie',
    setting: 'cookie.sameSite',
    recommended: "'lax' or 'strict'",
    why: 'requests that other sites make carry the cookie',
    remedy:
      "take cookie.sameSite: 'none' away, or where the site must work inside others set cookie.partitioned: true and use SessionCsrfGuard",
    source: 'PHP session.cookie_samesite, ASVS 3.3.2, OWASP session sheet (SameSite)',
    judgeCookie: ({ sameSite, partitioned }) => {
      if (sameSite === 'lax' || sameSite === 'strict') return judged(sameSite, 'ok');
      const value = `${sameSite === 'none' ? 'none' : 'not said'}${partitioned ? ', partitioned' : ''}`;
      return judged(value, partitioned ? 'choose' : 'weak');
    },
  },
  {
    code: 'cookie-prefix',
    setting: 'cookie.name',
    recommended: 'a name that begins with __Host-',
    why: 'only a prefix makes browsers refuse a cookie of that name from a neighbouring host or a plain connection',
    remedy: 'leave cookie.name out, or begin it with __Host- (with a domain or path of its own: __Secure-)',
    sharedRemedy:
      'give the cookie a name that begins with __Host- or __Secure- on every server that shares it',
    source: 'ASVS 3.3.1, ASVS 3.3.3',
    judgeCookie: ({ name }) => {
      const [prefix = 'no prefix'] = /^__(?:Host-Http-|Host-|Http-|Secure-)/i.exec(name) ?? [];
      if (/^__Host-/i.test(prefix)) return judged(prefix, 'ok');
      return judged(prefix, prefix === 'no prefix' ? 'weak' : 'choose');
    },
  },
  {
    code: 'telling-name',
    setting: 'cookie.name',
    recommended: 'a name that tells no platform',
    why: 'a well-known name tells strangers what the site runs on',
    remedy: 'leave cookie.name out, or choose a generic one',
    source: 'PHP session.name, OWASP session sheet (Session ID Name)',
    judgeCookie: ({ name }) =>
      TELLING.test(name) ? judged('the name of a platform', 'weak') : judged('generic', 'ok'),
  },
  {
    code: 'wide-cookie',
    setting: 'cookie.domain',
    recommended: 'none',
    why: 'every host below the domain gets the cookie, and can set it: one that is taken over takes all sessions',
    remedy: 'take cookie.domain away, and give each host its own session',
    source: 'PHP session.cookie_domain, ASVS 3.3.3, OWASP session sheet (Domain)',
    judgeCookie: ({ domain }) =>
      domain ? judged('a domain and all below it', 'weak') : judged('this host only', 'ok'),
  },
  {
    code: 'cookie-path',
    setting: 'cookie.path',
    recommended: "'/' and a host of its own for each application",
    why: 'a path is no border: pages at other paths of the host can have requests made with the cookie. It keeps the cookie out of their requests, and costs the prefix __Host-',
    remedy: 'put applications that do not trust each other on hosts of their own (ASVS 3.5.4)',
    source: 'PHP session.cookie_path, OWASP session sheet (Path)',
    judgeCookie: ({ path }) => (path === '/' ? judged('/', 'ok') : judged('a path of its own', 'choose')),
  },
  {
    code: 'kept-cookie',
    setting: 'cookie.lifetime',
    recommended: '0: until the browser closes',
    why: 'a cookie on disk outlives the visit, also on a computer that others use',
    remedy: 'take cookie.lifetime away; for "remember me" use a separate random token that is used once',
    source: 'PHP session.cookie_lifetime, OWASP session sheet (Expire and Max-Age)',
    judgeCookie: ({ lifetime }, limit) => {
      if (!lifetime) return judged('until the browser closes', 'ok');
      return judged(`${lifetime} s`, limit && lifetime <= limit ? 'choose' : 'weak');
    },
  },
];

/** For the answers of sites: what our own cookies cannot be. */
export const COOKIE_SIZE: CookieRule = {
  code: 'large-cookie',
  setting: 'Set-Cookie',
  recommended: `name and value of at most ${MAX_SIZE} bytes`,
  why: 'a browser drops a larger cookie, and the session with it',
  remedy: 'keep less in the session, or keep it on the server',
  source: 'ASVS 3.3.5',
  judgeCookie: ({ name, value }) => {
    const size = Buffer.byteLength(name) + Buffer.byteLength(value);
    return judged(`${size} bytes`, size > MAX_SIZE ? 'broken' : 'ok');
  },
};

/** The same for options: the cookie on a secure connection, or else the plain one. */
export const COOKIE_OPTION_RULES: readonly AuditRule[] = COOKIE_RULES.map((rule) => ({
  ...rule,
  judge: ({ options: { cookies, timeouts }, environment }) => {
    const line = (cookies.secure ?? cookies.plain)!.set('');
    return rule.judgeCookie(cookieFacts(line, environment.now), timeouts.absoluteTimeout);
  },
}));
