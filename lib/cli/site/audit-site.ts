import { codeOf } from '../../errors/session-store.error.js';
import type { AuditRow } from '../../options/audit/audit.interface.js';
import { COOKIE_RULES, COOKIE_SIZE, type CookieRule } from '../../options/audit/cookie-rules.js';
import { rowOf } from '../../options/audit/audit.interface.js';
import type { CookieFacts } from '../../options/audit/cookie-facts.js';
import { UsageError } from '../usage.error.js';
import { inspectSite, redirectOf, type InspectOptions, type SiteFacts } from './inspect-site.js';
import { SITE_RULES } from './site-rules.js';
import { isLoopbackUrl } from './visit.js';

/** The result of auditing a site. */
export interface SiteAudit {
  readonly rows: AuditRow[];
  /** True if the site serves visitors over https only; `undefined` if that is unknown. */
  readonly https: boolean | undefined;
  /** True if the site sends Strict-Transport-Security as recommended; `undefined` if that is unknown. */
  readonly hsts: boolean | undefined;
}

/** The rules that no site without TLS can follow, such as one on a developer's machine. */
const NEED_TLS = new Set(['plain-cookie', 'cookie-prefix']);
/** The default of `session.absoluteTimeout`. A site does not reveal when its sessions end. */
const ABSOLUTE_TIMEOUT = 28_800;

/** Audits a running site. A site that does not respond gives one row that is `broken`. No row contains a cookie's value.
 *  Rejects with a UsageError if an address is wrong. */
export async function auditSite(address: string, options: InspectOptions): Promise<SiteAudit> {
  const url = addressOf('--url', address);
  if (options.plainUrl !== undefined) addressOf('--plain-url', options.plainUrl, 'http:');
  if (options.insecure && !isLoopbackUrl(url))
    throw new UsageError(
      '--insecure is for this machine only: the host must be 127.0.0.1, [::1] or localhost',
    );
  try {
    const site = await inspectSite(url, options);
    const rows = rowsOf(site);
    const hsts = rows.find(({ code }) => code === 'site-hsts');
    return { rows, https: isHttpsOnly(site), hsts: hsts && hsts.verdict === 'ok' };
  } catch (error) {
    return { rows: [unreachableRow(codeOf(error))], https: undefined, hsts: undefined };
  }
}

/** Parses the address of an option. Throws a UsageError if it is no http address, or contains a password, which the rows
 *  and the shell's history would show. */
function addressOf(flag: string, text: string, protocol?: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const allowed = protocol ? [protocol] : ['http:', 'https:'];
  if (!url || !allowed.includes(url.protocol) || url.username || url.password)
    throw new UsageError(
      `${flag} needs an address such as ${allowed.at(-1)}//example.com/, without a password`,
    );
  return url;
}

/** Returns the rows of the site, and the rows of the cookie rules for each session cookie. */
function rowsOf(site: SiteFacts): AuditRow[] {
  const own = SITE_RULES.flatMap((rule) => {
    const judgement = rule.judge(site);
    return judgement ? rowOf(rule, judgement) : [];
  });
  const cookies = site.cookies.flatMap((cookie) =>
    [...COOKIE_RULES, COOKIE_SIZE].map((rule) => cookieRow(rule, cookie, site)),
  );
  return [...own, ...cookies];
}

/** A cookie of a site without TLS on this machine cannot be Secure, so such a rule is a choice there. */
function cookieRow(rule: CookieRule, cookie: CookieFacts, { main: { url } }: SiteFacts): AuditRow {
  const { value, verdict } = rule.judgeCookie(cookie, ABSOLUTE_TIMEOUT);
  const isLocal = url.protocol === 'http:' && isLoopbackUrl(url) && NEED_TLS.has(rule.code);
  const at = `Set-Cookie ${cookie.name}, as ${rule.setting}`;
  return rowOf(rule, { value, verdict: isLocal && verdict !== 'ok' ? 'choose' : verdict, at });
}

/** Reports whether plain http requests get no session, or `undefined` if no plain address is known. */
function isHttpsOnly({ main, plain, plainSets }: SiteFacts): boolean | undefined {
  if (main.url.protocol !== 'https:') return isLoopbackUrl(main.url) ? undefined : false;
  if (plain === undefined) return undefined;
  return plain === 'closed' || (!plainSets && redirectOf(plain)?.protocol === 'https:');
}

/** Returns the row for a site that does not respond; `code` is the network's error code. */
const unreachableRow = (code: string): AuditRow => ({
  setting: 'the site',
  value: `does not respond (${code})`,
  recommended: 'a response, and a certificate that browsers accept',
  verdict: 'broken',
  why: 'a site that does not respond cannot be audited',
  remedy:
    'start the site, or correct the address or the certificate; on this machine --insecure accepts any certificate',
  source: 'OWASP session sheet (Transport Layer Security)',
  code: 'site-answer',
});
