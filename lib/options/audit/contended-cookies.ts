import type { ResolvedContext, ResolvedOptions } from '../resolved-options.interface.js';
import { rowOf, type AuditRow, type RuleText } from './audit.interface.js';

export const CONTENDED_COOKIE: RuleText = {
  code: 'contended-cookie',
  setting: 'contexts',
  recommended: 'a cookie name for each audience of a host',
  why: 'a browser has one cookie of a name for all paths of a host, so visitors lose one session whenever the other begins',
  remedy: 'give the context a cookie.name of its own',
  source: 'OWASP session sheet (Multiple Cookies)',
};

/** A row for each context that takes turns with others over one cookie. */
export function contendedCookies({ contexts, ...base }: ResolvedOptions): AuditRow[] {
  return contexts.flatMap((context, i) => {
    const others = contexts
      .filter((one, at) => at < i && hostsMeet(one, context))
      .map(({ options }) => options);
    const rivals = isAlone(context, contexts) ? others : [base, ...others];
    if (!rivals.some((rival) => contend(context.options, rival))) return [];
    const found = {
      value: 'the name of another',
      verdict: 'weak',
      at: `contexts[${i}].cookie.name`,
    } as const;
    return [rowOf(CONTENDED_COOKIE, found)];
  });
}

type Sealed = Pick<ResolvedOptions, 'crypto' | 'cookies' | 'scope'>;

function contend(a: Sealed, b: Sealed): boolean {
  const names = ({ cookies: { secure, plain } }: Sealed) => [secure?.name, plain?.name].filter(Boolean);
  return (
    a.scope.enabled &&
    b.scope.enabled &&
    a.crypto.audience !== b.crypto.audience &&
    names(a).some((name) => names(b).includes(name))
  );
}

/** Whether nothing of its hosts is left to the base. */
const isAlone = ({ host }: ResolvedContext, contexts: readonly ResolvedContext[]): boolean =>
  contexts.some(
    (one) =>
      one.path === '/' &&
      (!one.host.length || (host.length > 0 && host.every((name) => one.host.includes(name)))),
  );

function hostsMeet(a: ResolvedContext, b: ResolvedContext): boolean {
  if (a.host.length && b.host.length) return a.host.some((name) => b.host.includes(name));
  if (!a.host.length && !b.host.length) return true;
  return [a, b].some(({ host, path }) => host.length > 0 && path !== '/');
}
