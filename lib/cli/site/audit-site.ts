import { codeOf } from '../../errors/session-store.error.js';
import type { AuditRow } from '../../options/audit/audit.interface.js';
import { COOKIE_RULES, COOKIE_SIZE, type CookieRule } from '../../options/audit/cookie-rules.js';
import { rowOf } from '../../options/audit/audit.interface.js';
import type { CookieFacts } from '../../options/audit/cookie-facts.js';
import { UsageError } from '../usage.error.js';
import { lookAt, redirectOf, type LookOptions, type SiteFacts } from './look-at.js';
import { SITE_RULES } from './site-rules.js';
import { isLoopbackUrl } from './visit.js';

export interface SiteAudit {
  readonly rows: AuditRow[];
  /** Whether visitors come by https alone; `undefined` where that was not seen. */
  readonly https: boolean | undefined;
}

/** Where these are weak on a developer's own machine without TLS, they cannot be otherwise. */
const NEED_TLS = new Set(['plain-cookie', 'cookie-prefix']);
/** The module's own, since a site does not tell when its sessions end. */
const ABSOLUTE_TIMEOUT = 28_800;

/** Looks at a running site. No row holds a cookie's value. Rejects with a UsageError. */
export async function auditSite(address: string, options: LookOptions): Promise<SiteAudit> {
  const url = addressOf('--url', address);
  if (options.plainUrl !== undefined) addressOf('--plain-url', options.plainUrl, 'http:');
  if (options.insecure && !isLoopbackUrl(url))
    throw new UsageError('--insecure is for this machine only: 127.0.0.1, [::1] or localhost');
  try {
    const site = await lookAt(url, options);
    return { rows: rowsOf(site), https: isHttpsAlone(site) };
  } catch (error) {
    return { rows: [silent(codeOf(error))], https: undefined };
  }
}

function addressOf(flag: string, text: string, protocol?: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const allowed = protocol ? [protocol] : ['http:', 'https:'];
  if (!url || !allowed.includes(url.protocol) || url.username || url.password)
    throw new UsageError(
      `${flag} needs an address such as ${allowed.at(-1)}//example.com/, without a password`,
    );
  return url;
}

function rowsOf(site: SiteFacts): AuditRow[] {
  const own = SITE_RULES.flatMap((rule) => {
    const found = rule.judge(site);
    return found ? rowOf(rule, found) : [];
  });
  const cookies = site.cookies.flatMap((cookie) =>
    [...COOKIE_RULES, COOKIE_SIZE].map((rule) => cookieRow(rule, cookie, site)),
  );
  return [...own, ...cookies];
}

function cookieRow(rule: CookieRule, cookie: CookieFacts, { main: { url } }: SiteFacts): AuditRow {
  const { value, verdict } = rule.judgeCookie(cookie, ABSOLUTE_TIMEOUT);
  const isLocal = url.protocol === 'http:' && isLoopbackUrl(url) && NEED_TLS.has(rule.code);
  const at = `Set-Cookie ${cookie.name}, as ${rule.setting}`;
  return rowOf(rule, { value, verdict: isLocal && verdict !== 'ok' ? 'choose' : verdict, at });
}

function isHttpsAlone({ main, plain, plainSets }: SiteFacts): boolean | undefined {
  if (main.url.protocol !== 'https:') return isLoopbackUrl(main.url) ? undefined : false;
  if (plain === undefined) return undefined;
  return plain === 'closed' || (!plainSets && redirectOf(plain)?.protocol === 'https:');
}

const silent = (code: string): AuditRow => ({
  setting: 'the site',
  value: `does not answer (${code})`,
  recommended: 'an answer, and a certificate that browsers take',
  verdict: 'broken',
  why: 'nothing can be seen of a site that does not answer',
  remedy:
    'start it, and mend the address or the certificate; --insecure takes any certificate of this machine',
  source: 'OWASP session sheet (Transport Layer Security)',
  code: 'site-answer',
});
