import { factsOf, type PlatformRequest } from './connection.js';

/** The host and path of a request, by which a context is chosen. */
export interface RequestTarget {
  /** In lower case and without port; empty if the request names no host. */
  readonly host: string;
  /** Decoded once. `undefined` if the path is ambiguous: no context may match it then. */
  readonly path: string | undefined;
}

/** Returns the host and path of a raw request. The host is the platform's, which respects its proxy trust; without a
 *  platform it is that of the Host header or of HTTP/2's `:authority`. */
export function targetOf(request: PlatformRequest): RequestTarget {
  const host =
    factsOf(request).hostname ?? request.headers.host ?? (request.headers[':authority'] as string) ?? '';
  return { host: hostOf(host), path: pathOf(request.originalUrl ?? request.url ?? '') };
}

/** Returns the host in lower case, without its port and without the final dot of a fully qualified name. */
const hostOf = (host: string): string => host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');

/** Empty segments, dot segments, backslashes and zero bytes. A router and a proxy may read such a path differently. */
const AMBIGUOUS = /\/\/|\/\.{1,2}(?:\/|$)|[\\\0]/;

/** Returns the decoded path of a request target (RFC 9112 §3.2), or `undefined` if two readers could take it for two
 *  paths: it is {@link AMBIGUOUS}, it contains an encoded slash, or its percent-encoding is not UTF-8. */
export function pathOf(target: string): string | undefined {
  const raw = target.split(/[?#]/, 1)[0]!.replace(/^https?:\/\/[^/]*/i, '') || '/';
  if (!raw.startsWith('/') || /%2f/i.test(raw)) return undefined;
  try {
    const path = decodeURIComponent(raw);
    return AMBIGUOUS.test(path) ? undefined : path;
  } catch {
    return undefined;
  }
}

/** The way to compare paths. `segments`: whole segments, by the router's case rule. `prefix`: by the first bytes, as
 *  httpd does it. */
export type PathMatch = 'segments' | 'prefix';

/** Reports whether `path` is `base` or lies below it. `caseSensitive` counts only for `segments`. */
export function isUnder(base: string, path: string, match: PathMatch, caseSensitive: boolean): boolean {
  if (match === 'prefix') return path.startsWith(base);
  const [folder, inside] = caseSensitive ? [base, path] : [base.toLowerCase(), path.toLowerCase()];
  const trimmed = folder.replace(/\/$/, '');
  return inside === trimmed || inside.startsWith(`${trimmed}/`);
}

/** Returns how exactly patterns name a host: the highest rank if they contain its own name; less for `*.` and a parent
 *  domain, and more for a longer parent; 0 if there are no patterns; -1 if they name only other hosts. */
export function hostRank(patterns: readonly string[], host: string): number {
  if (!patterns.length) return 0;
  if (patterns.includes(host)) return host.length + 1;
  return Math.max(-1, ...patterns.filter((one) => isParent(one, host)).map(({ length }) => length));
}

const isParent = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.') && pattern.length <= host.length && host.endsWith(pattern.slice(1));
