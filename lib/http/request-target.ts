import type { PlatformRequest } from './connection.js';

/** Where a request goes, as far as contexts ask. */
export interface RequestTarget {
  /** Without port, in lower case; empty where the request names none. */
  readonly host: string;
  /** Decoded once; `undefined` where it does not normalise, so that no context may claim it. */
  readonly path: string | undefined;
}

/** Host and path of a raw request; the host through the platform's proxy trust, where the platform says it. */
export function targetOf(request: PlatformRequest): RequestTarget {
  const host = request.hostname ?? request.headers.host ?? (request.headers[':authority'] as string) ?? '';
  return { host: hostOf(host), path: pathOf(request.originalUrl ?? request.url ?? '') };
}

const hostOf = (host: string): string => host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');

/** Dots, empty segments, encoded slashes, backslashes and zero bytes: two readers could see two paths. */
const AMBIGUOUS = /\/\/|\/\.{1,2}(?:\/|$)|[\\\0]/;

/** The path of a request line's target (RFC 9112 §3.2), decoded; `undefined` where it does not normalise. */
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

/** How a path is compared: whole segments by the router's case rule, or as httpd does it, by its first bytes. */
export type PathMatch = 'segments' | 'prefix';

/** Whether `path` lies under `base`. */
export function isUnder(base: string, path: string, match: PathMatch, caseSensitive: boolean): boolean {
  if (match === 'prefix') return path.startsWith(base);
  const [folder, inside] = caseSensitive ? [base, path] : [base.toLowerCase(), path.toLowerCase()];
  const trimmed = folder.replace(/\/$/, '');
  return inside === trimmed || inside.startsWith(`${trimmed}/`);
}

/** How exactly patterns name a host: most for its name, less for `*.` and a parent, the more the longer the parent; 0
 *  where there are none, -1 for another host. */
export function hostRank(patterns: readonly string[], host: string): number {
  if (!patterns.length) return 0;
  if (patterns.includes(host)) return host.length + 1;
  return Math.max(-1, ...patterns.filter((one) => isParent(one, host)).map(({ length }) => length));
}

const isParent = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.') && pattern.length <= host.length && host.endsWith(pattern.slice(1));
