import { COOKIE_PREFIX } from '../../http/cookie-syntax.js';
import { judged, type AuditRule, type Judgement, type RuleText } from './audit.interface.js';
import { cookieFacts, type CookieFacts } from './cookie-facts.js';

/** A recommendation for a cookie. It judges the options, and what a running site sends. */
export interface CookieRule extends RuleText {
  /** Judges a cookie. `limit` is the number of seconds after which the session ends; 0 means never. */
  judgeCookie(cookie: CookieFacts, limit: number): Judgement;
}

/** Cookie names that reveal the platform (OWASP session sheet, Session ID Name Fingerprinting). */
const PLATFORM_NAMES =
  /^(?:__\w+-)*(?:phpsessid|jsessionid|asp\.net_sessionid|aspsessionid\w*|cfid|cftoken|connect\.sid|laravel_session|_\w*_session|ci_session|sessionid|express[.:]sess(?:ion)?|koa[.:]sess)$/i;
/** Bytes of name and value that every browser keeps (RFC 6265bis §5.6). */
const MAX_SIZE = 4096;

/** Rules about the attributes and the name of a cookie. */
export const COOKIE_RULES: readonly CookieRule[] = [
  {
    code: 'plain-cookie',
    setting: 'cookie.secure',
    recommended: "'auto' or true",
    why: 'without Secure the browser sends the cookie over plain connections, where everybody on the way can read it',
    remedy: 'serve the site over TLS and remove cookie.secure: false',
    source: 'PHP session.cookie_secure, ASVS 3.3.1, OWASP session sheet (Secure)',
    judgeCookie: ({ secure }) =>
      secure ? judged('Secure', 'ok') : judged('sent over plain connections', 'broken'),
  },
  {
    code: 'script-readable-cookie',
    setting: 'cookie.httpOnly',
    recommended: 'true',
    why: 'without HttpOnly the scripts of a page can read the cookie, so one injected script can take every session',
    remedy: 'remove cookie.httpOnly: false',
    source: 'PHP session.cookie_httponly, ASVS 3.3.4, OWASP session sheet (HttpOnly)',
    judgeCookie: ({ httpOnly }) =>
      httpOnly ? judged('HttpOnly', 'ok') : judged('readable by scripts', 'broken'),
  },
  {
    code: 'cross-site-cookie',
    setting: 'cookie.sameSite',
    recommended: "'lax' or 'strict'",
    why: 'the browser adds the cookie to requests that other sites make',
    remedy:
      "remove cookie.sameSite: 'none'; if other sites must embed this one, set cookie.partitioned: true and use SessionCsrfGuard",
    source: 'PHP session.cookie_samesite, ASVS 3.3.2, OWASP session sheet (SameSite)',
    judgeCookie: ({ sameSite, partitioned }) => {
      if (sameSite === 'lax' || sameSite === 'strict') return judged(sameSite, 'ok');
      const value = `${sameSite === 'none' ? 'none' : 'not set'}${partitioned ? ', partitioned' : ''}`;
      return judged(value, partitioned ? 'choose' : 'weak');
    },
  },
  {
    code: 'cookie-prefix',
    setting: 'cookie.name',
    recommended: 'a name that begins with __Host-',
    why: 'only with a prefix does a browser refuse a cookie of that name from a neighbouring host or a plain connection',
    remedy:
      'remove cookie.name, or begin the name with __Host-; with cookie.domain or another cookie.path, begin it with __Secure-',
    source: 'ASVS 3.3.1, ASVS 3.3.3',
    judgeCookie: ({ name }) => {
      const prefix = COOKIE_PREFIX.exec(name)?.[0];
      if (prefix === undefined) return judged('no prefix', 'weak');
      return judged(prefix, /^__Host-/i.test(prefix) ? 'ok' : 'choose');
    },
  },
  {
    code: 'telling-name',
    setting: 'cookie.name',
    recommended: 'a name that does not reveal the platform',
    why: 'a well-known name tells strangers what software the site runs on',
    remedy: 'remove cookie.name, or choose a generic name',
    source: 'PHP session.name, OWASP session sheet (Session ID Name)',
    judgeCookie: ({ name }) =>
      PLATFORM_NAMES.test(name) ? judged('the name of a platform', 'weak') : judged('generic', 'ok'),
  },
  {
    code: 'wide-cookie',
    setting: 'cookie.domain',
    recommended: 'none',
    why: 'every host below the domain receives the cookie and can set it, so an attacker on one host gets all sessions',
    remedy: 'remove cookie.domain, and give each host its own sessions',
    source: 'PHP session.cookie_domain, ASVS 3.3.3, OWASP session sheet (Domain)',
    judgeCookie: ({ domain }) =>
      domain ? judged('a domain and all hosts below it', 'weak') : judged('this host only', 'ok'),
  },
  {
    code: 'cookie-path',
    setting: 'cookie.path',
    recommended: "'/', and a separate host for each application",
    why: 'a path is no boundary: pages at other paths of the host can send requests with the cookie, and another path than / rules out the prefix __Host-',
    remedy:
      'remove cookie.path, and give applications that do not trust each other separate hosts (ASVS 3.5.4)',
    source: 'PHP session.cookie_path, OWASP session sheet (Path)',
    judgeCookie: ({ path }) => (path === '/' ? judged('/', 'ok') : judged('another path', 'choose')),
  },
  {
    code: 'kept-cookie',
    setting: 'cookie.lifetime',
    recommended: '0: until the browser closes',
    why: 'a cookie on disk outlives the visit, even on a shared computer',
    remedy:
      'remove cookie.lifetime; for "remember me" import RememberMeModule of nestjs-session-crypto/remember-me',
    source: 'PHP session.cookie_lifetime, OWASP session sheet (Expire and Max-Age)',
    judgeCookie: ({ lifetime }, limit) => {
      if (!lifetime) return judged('until the browser closes', 'ok');
      return judged(`${lifetime} s`, limit && lifetime <= limit ? 'choose' : 'weak');
    },
  },
];

/** A rule for running sites only: our own cookies are never too large. */
export const COOKIE_SIZE: CookieRule = {
  code: 'large-cookie',
  setting: 'Set-Cookie',
  recommended: `at most ${MAX_SIZE} bytes of name and value`,
  why: 'a browser drops a larger cookie, and the session is lost',
  remedy: 'store less in the session, or use a server store',
  source: 'ASVS 3.3.5',
  judgeCookie: ({ name, value }) => {
    const size = Buffer.byteLength(name) + Buffer.byteLength(value);
    return judged(`${size} bytes`, size > MAX_SIZE ? 'broken' : 'ok');
  },
};

/** The cookie rules for options. They judge the cookie on a secure connection, or the plain one if there is no other. */
export const COOKIE_OPTION_RULES: readonly AuditRule[] = COOKIE_RULES.map((rule) => ({
  ...rule,
  judge: ({ options: { cookies, timeouts }, environment }) => {
    const line = (cookies.secure ?? cookies.plain)!.set('');
    return rule.judgeCookie(cookieFacts(line, environment.now), timeouts.absoluteTimeout);
  },
}));
