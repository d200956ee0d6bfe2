import { judged, type Judgement, type RuleText } from '../../options/audit/audit.interface.js';
import { decoded } from '../decoded.js';
import { redirectOf, type SiteFacts } from './inspect-site.js';
import { isLoopbackUrl } from './visit.js';

/** A recommendation for a running site. */
export interface SiteRule extends RuleText {
  /** Returns the result, or `undefined` if the rule does not apply. */
  judge(site: SiteFacts): Judgement | undefined;
}

/** Seconds. */
const YEAR = 31_536_000;
/** A shorter cookie value is no token: it would be found in many pages by chance. */
const MIN_TOKEN = 16;

/** Rules about transport, headers and the session id of a running site. */
export const SITE_RULES: readonly SiteRule[] = [
  {
    code: 'site-transport',
    setting: 'transport',
    recommended: 'https',
    why: 'on a plain connection everybody on the way can read the cookie',
    remedy: 'serve the site over TLS',
    source: 'PHP session.security (HTTPS), OWASP session sheet (Transport Layer Security)',
    judge: ({ main: { url } }) => {
      if (url.protocol === 'https:') return judged('https', 'ok');
      return isLoopbackUrl(url)
        ? judged('plain http, on this machine', 'choose')
        : judged('plain http', 'broken');
    },
  },
  {
    code: 'site-hsts',
    setting: 'Strict-Transport-Security',
    recommended: `max-age of at least ${YEAR}, includeSubDomains`,
    why: 'without it a browser starts each visit with plain http, and an attacker on the way can send the first response',
    remedy:
      'send Strict-Transport-Security: max-age=31536000; includeSubDomains, from the proxy or with helmet',
    source: 'ASVS 3.4.1, PHP session.security (HSTS), OWASP session sheet (Transport Layer Security)',
    judge: ({ main }) =>
      main.url.protocol === 'https:' ? judgeHsts(main.header('strict-transport-security')) : undefined,
  },
  {
    code: 'site-plain',
    setting: 'plain http',
    recommended: 'a redirect to https without a cookie, or no server',
    why: 'a page over plain http makes the browser send the cookie in the clear, or lets an attacker set it',
    remedy: 'redirect all http requests to https in the proxy, before they reach the application',
    source: 'OWASP session sheet (Transport Layer Security)',
    judge: ({ plain, plainSets, main }) => {
      if (main.url.protocol !== 'https:') return undefined;
      if (plain === undefined) return judged('not visited: pass --plain-url', 'choose');
      if (plain === 'closed') return judged('no server', 'ok');
      if (plainSets) return judged('sets the session cookie', 'broken');
      return redirectOf(plain)?.protocol === 'https:'
        ? judged('redirects to https', 'ok')
        : judged(`responds with ${plain.status}`, 'weak');
    },
  },
  {
    code: 'site-cookie',
    setting: 'Set-Cookie',
    recommended: 'one session cookie, set once',
    why: 'without a session cookie the audit can judge none; of two with one name a browser keeps only one',
    remedy:
      'pass the URL of a page that starts a session, and --cookie NAME; let only one module set the cookie',
    source: 'OWASP session sheet (Multiple Cookies)',
    judge: ({ cookies }) => {
      if (!cookies.length) return judged('no session cookie found', 'choose');
      const names = new Set(cookies.map(({ name }) => name));
      return names.size < cookies.length ? judged('one name, set twice', 'weak') : judged('set once', 'ok');
    },
  },
  {
    code: 'site-cache',
    setting: 'Cache-Control',
    recommended: 'no-store',
    why: 'Set-Cookie does not stop a cache from storing the response, so the next visitor could get the cookie of this one',
    remedy: "leave cache.limiter at 'nocache', and let no proxy or CDN replace the header",
    source: 'PHP session.cache_limiter, ASVS 14.3.2, ASVS 14.2.2, OWASP session sheet (Web Content Caching)',
    judge: ({ cookies, main }) => {
      if (!cookies.length) return undefined;
      const control = main.header('cache-control').toLowerCase();
      if (/\bno-store\b/.test(control)) return judged('no-store', 'ok');
      if (/\bpublic\b|\bs-maxage\b/.test(control)) return judged('public', 'broken');
      return /\bprivate\b/.test(control) ? judged('private', 'choose') : judged('not set', 'weak');
    },
  },
  {
    code: 'site-vary',
    setting: 'Vary',
    recommended: 'Cookie, if a cache may store the response',
    why: "a cache that ignores the cookie gives one visitor another visitor's page",
    remedy: 'let no proxy or CDN remove Vary: Cookie',
    source: 'OWASP session sheet (Web Content Caching)',
    judge: ({ cookies, main }) => {
      if (!cookies.length) return undefined;
      if (/(?:^|,)\s*(?:cookie|\*)\s*(?:,|$)/i.test(main.header('vary'))) return judged('Cookie', 'ok');
      return /no-store/i.test(main.header('cache-control'))
        ? judged('not needed: no-store', 'ok')
        : judged('without Cookie', 'weak');
    },
  },
  {
    code: 'site-echo',
    setting: 'the token in the response',
    recommended: 'only in Set-Cookie',
    why: 'scripts can read a token in a page or a URL, logs contain it, and HttpOnly no longer protects it',
    remedy:
      'write no session token into pages, URLs or JSON; SessionService.list() has ids that open no session',
    source: 'ASVS 3.3.4, ASVS 14.2.1, OWASP session sheet (Exchange Mechanisms)',
    judge: judgeEcho,
  },
  {
    code: 'site-adopts',
    setting: 'an invented id',
    recommended: 'replaced',
    why: 'if a site keeps an id that it did not make, an attacker can choose the id of a victim (fixation)',
    remedy: 'accept only ids that the site made; this package always does',
    source: 'PHP session.use_strict_mode, ASVS 7.2.1, OWASP session sheet (Permissive and Strict)',
    judge: ({ inventedId }) => {
      if (!inventedId) return undefined;
      if (inventedId === 'replaced') return judged('replaced', 'ok');
      return inventedId === 'kept' ? judged('kept', 'broken') : judged('no new id was set', 'weak');
    },
  },
];

/** Judges the value of Strict-Transport-Security (RFC 6797 §6.1). */
function judgeHsts(policy: string): Judgement {
  const age = Number(/max-age="?(\d+)/i.exec(policy)?.[1] ?? 0);
  if (!age) return judged('absent', 'weak');
  if (age < YEAR) return judged(`max-age ${age}`, 'weak');
  return /includesubdomains/i.test(policy)
    ? judged(`max-age ${age}, includeSubDomains`, 'ok')
    : judged(`max-age ${age}, this host only`, 'weak');
}

/** Judges whether the value of a session cookie appears outside of Set-Cookie, as it is or percent-decoded. */
function judgeEcho({ cookies, main }: SiteFacts): Judgement | undefined {
  const tokens = cookies
    .flatMap(({ value }) => [value, decoded(value)])
    .filter((one) => one.length >= MIN_TOKEN);
  if (!tokens.length) return undefined;
  if (tokens.some((token) => main.body.includes(token))) return judged('in the page', 'broken');
  const target = `${main.header('location')} ${main.header('refresh')} ${main.header('link')}`;
  return tokens.some((token) => target.includes(token) || target.includes(encodeURIComponent(token)))
    ? judged('in a URL', 'broken')
    : judged('only in Set-Cookie', 'ok');
}
