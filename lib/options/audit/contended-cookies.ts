import type { ResolvedContext, ResolvedOptions } from '../resolved-options.interface.js';
import { rowOf, type AuditRow, type RuleText } from './audit.interface.js';

/** The text of the rule. It compares contexts with each other, so it cannot judge one set of options alone. */
export const CONTENDED_COOKIE: RuleText = {
  code: 'contended-cookie',
  setting: 'contexts',
  recommended: 'a separate cookie name for each audience of a host',
  why: 'a browser keeps one cookie of a name for all paths of a host, so a visitor loses one session whenever the other starts',
  remedy: 'set another cookie.name in the context',
  source: 'OWASP session sheet (Multiple Cookies)',
};

/** Returns a row for each context that shares a cookie name and a host, but not the audience, with the base or an earlier
 *  context. The two overwrite each other's cookie. */
export function contendedCookies({ contexts, ...base }: ResolvedOptions): AuditRow[] {
  return contexts.flatMap((context, i) => {
    const others = contexts
      .filter((one, at) => at < i && hostsOverlap(one, context))
      .map(({ options }) => options);
    const rivals = coversItsHosts(context, contexts) ? others : [base, ...others];
    if (!rivals.some((rival) => contend(context.options, rival))) return [];
    const judgement = {
      value: 'the same name as another context or the base',
      verdict: 'weak',
      at: `contexts[${i}].cookie.name`,
    } as const;
    return [rowOf(CONTENDED_COOKIE, judgement)];
  });
}

type SealedCookies = Pick<ResolvedOptions, 'crypto' | 'cookies' | 'scope'>;

/** Reports whether two sets write the same cookie and cannot open each other's. */
function contend(a: SealedCookies, b: SealedCookies): boolean {
  const names = ({ cookies: { secure, plain } }: SealedCookies) =>
    [secure?.name, plain?.name].filter(Boolean);
  return (
    a.scope.enabled &&
    b.scope.enabled &&
    a.crypto.audience !== b.crypto.audience &&
    names(a).some((name) => names(b).includes(name))
  );
}

/** Reports whether contexts cover all paths of these hosts, so that no request to them reaches the base options. */
const coversItsHosts = ({ host }: ResolvedContext, contexts: readonly ResolvedContext[]): boolean =>
  contexts.some(
    (one) =>
      one.path === '/' &&
      (!one.host.length || (host.length > 0 && host.every((name) => one.host.includes(name)))),
  );

/** Reports whether a browser can meet both contexts at one host. */
function hostsOverlap(a: ResolvedContext, b: ResolvedContext): boolean {
  if (a.host.length && b.host.length) return a.host.some((name) => b.host.includes(name));
  if (!a.host.length && !b.host.length) return true;
  return [a, b].some(({ host, path }) => host.length > 0 && path !== '/');
}
