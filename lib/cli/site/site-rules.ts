import type { Judgement, RuleText } from '../../options/audit/audit.interface.js';
import { redirectOf, type SiteFacts } from './look-at.js';
import { isLoopbackUrl } from './visit.js';

/** A recommendation for the answers of a site. */
export interface SiteRule extends RuleText {
  /** `undefined` where it does not apply. */
  judge(site: SiteFacts): Judgement | undefined;
}

const YEAR = 31_536_000;
const MIN_TOKEN = 16;

const judged = (value: string, verdict: Judgement['verdict']): Judgement => ({ value, verdict });

export const SITE_RULES: readonly SiteRule[] = [
  {
    code: 'site-transport',
    setting: 'transport',
    recommended: 'https',
    why: 'on a plain connection everybody on the way reads the cookie',
    remedy: 'serve the site by TLS',
    source: 'PHP session.security (HTTPS), OWASP session sheet (Transport Layer Security)',
    judge: ({ main: { url } }) => {
      if (url.protocol === 'https:') return judged('https', 'ok');
      return isLoopbackUrl(url) ? judged('plain, this machine', 'choose') : judged('plain http', 'broken');
    },
  },
  {
    code: 'site-hsts',
    setting: 'Strict-Transport-Security',
    recommended: `max-age of at least ${YEAR}, includeSubDomains`,
    why: 'without it a browser begins each visit by plain http, where the first answer can come from anybody',
    remedy: 'send Strict-Transport-Security: max-age=31536000; includeSubDomains from the proxy or by helmet',
    source: 'ASVS 3.4.1, PHP session.security (HSTS), OWASP session sheet (Transport Layer Security)',
    judge: ({ main }) => {
      if (main.url.protocol !== 'https:') return undefined;
      const policy = main.header('strict-transport-security');
      const age = Number(/max-age="?(\d+)/i.exec(policy)?.[1] ?? 0);
      if (!age) return judged('absent', 'weak');
      if (age < YEAR) return judged(`max-age ${age}`, 'weak');
      return /includesubdomains/i.test(policy)
        ? judged(`max-age ${age}, includeSubDomains`, 'ok')
        : judged(`max-age ${age}, this host only`, 'weak');
    },
  },
  {
    code: 'site-plain',
    setting: 'plain http',
    recommended: 'a redirect to https without a cookie, or nothing',
    why: 'a page that is served plainly sends the cookie plainly, or lets somebody else set it',
    remedy: 'redirect all plain requests to https in the proxy, before the application',
    source: 'OWASP session sheet (Transport Layer Security)',
    judge: ({ plain, plainSets, main }) => {
      if (main.url.protocol !== 'https:') return undefined;
      if (plain === undefined) return judged('not asked: give --plain-url', 'choose');
      if (plain === 'closed') return judged('nobody listens', 'ok');
      if (plainSets) return judged('sets the session cookie', 'broken');
      return redirectOf(plain)?.protocol === 'https:'
        ? judged('redirects to https', 'ok')
        : judged(`answers ${plain.status}`, 'weak');
    },
  },
  {
    code: 'site-cookie',
    setting: 'Set-Cookie',
    recommended: 'one session cookie, set once',
    why: 'without a session cookie the audit sees nothing of it; of two with one name a browser keeps either',
    remedy:
      'give an address at which a session begins, and --cookie NAME; let one module alone set the cookie',
    source: 'OWASP session sheet (Multiple Cookies)',
    judge: ({ cookies }) => {
      if (!cookies.length) return judged('no session cookie seen', 'choose');
      const names = new Set(cookies.map(({ name }) => name));
      return names.size < cookies.length ? judged('one name, set twice', 'weak') : judged('set once', 'ok');
    },
  },
  {
    code: 'site-cache',
    setting: 'Cache-Control',
    recommended: 'no-store',
    why: 'Set-Cookie does not keep caches from storing an answer: the next visitor would get the cookie of this one',
    remedy: "leave cache.limiter at 'nocache', and let no proxy or CDN replace the header",
    source: 'PHP session.cache_limiter, ASVS 14.3.2, ASVS 14.2.2, OWASP session sheet (Web Content Caching)',
    judge: ({ cookies, main }) => {
      if (!cookies.length) return undefined;
      const control = main.header('cache-control').toLowerCase();
      if (/\bno-store\b/.test(control)) return judged('no-store', 'ok');
      if (/\bpublic\b|\bs-maxage\b/.test(control)) return judged('public', 'broken');
      return /\bprivate\b/.test(control) ? judged('private', 'choose') : judged('nothing said', 'weak');
    },
  },
  {
    code: 'site-vary',
    setting: 'Vary',
    recommended: 'Cookie, where an answer may be stored',
    why: 'a cache that does not look at the cookie gives one visitor what was made for another',
    remedy: 'let no proxy or CDN take Vary: Cookie away',
    source: 'OWASP session sheet (Web Content Caching)',
    judge: ({ cookies, main }) => {
      if (!cookies.length) return undefined;
      if (/(?:^|,)\s*(?:cookie|\*)\s*(?:,|$)/i.test(main.header('vary'))) return judged('Cookie', 'ok');
      return /no-store/i.test(main.header('cache-control'))
        ? judged('not needed: no-store', 'ok')
        : judged('not Cookie', 'weak');
    },
  },
  {
    code: 'site-echo',
    setting: 'the token in the answer',
    recommended: 'in Set-Cookie alone',
    why: 'a token in a page or an address can be read by its scripts, stands in logs, and defeats HttpOnly',
    remedy:
      'write no session token into pages, addresses or JSON; SessionService.list() has ids that open nothing',
    source: 'ASVS 3.3.4, ASVS 14.2.1, OWASP session sheet (Exchange Mechanisms)',
    judge: ({ cookies, main }) => {
      const tokens = cookies
        .flatMap(({ value }) => [value, decoded(value)])
        .filter((one) => one.length >= MIN_TOKEN);
      if (!tokens.length) return undefined;
      if (tokens.some((token) => main.body.includes(token))) return judged('in the page', 'broken');
      const target = `${main.header('location')} ${main.header('refresh')} ${main.header('link')}`;
      return tokens.some((token) => target.includes(token) || target.includes(encodeURIComponent(token)))
        ? judged('in an address', 'broken')
        : judged('in Set-Cookie alone', 'ok');
    },
  },
  {
    code: 'site-adopts',
    setting: 'a made-up id',
    recommended: 'replaced',
    why: 'a site that takes an id that it did not make lets a stranger choose the id of a victim (fixation)',
    remedy: 'accept only ids that the site made; this module always does',
    source: 'PHP session.use_strict_mode, ASVS 7.2.1, OWASP session sheet (Permissive and Strict)',
    judge: ({ forged }) => {
      if (!forged) return undefined;
      if (forged === 'replaced') return judged('replaced', 'ok');
      return forged === 'kept' ? judged('kept', 'broken') : judged('no new one was set', 'weak');
    },
  },
];

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
