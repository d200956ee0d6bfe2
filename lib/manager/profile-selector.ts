import { hostRank, isUnder, targetOf, type RequestTarget } from '../http/request-target.js';
import type { PlatformRequest } from '../http/connection.js';
import type { ResolvedContext } from '../options/resolved-options.interface.js';
import type { ResolvedScope } from '../options/resolve-scope.js';

/** The host, path and way of matching that a context has. */
export type ContextPlace = Pick<ResolvedContext, 'host' | 'path' | 'match'>;

/** A context and what holds for its requests. */
export interface Placed<P> {
  readonly place: ContextPlace;
  readonly profile: P;
}

/** Ranks of a path stay below this, so that a host always counts for more than a path. */
const MAX_PATH_RANK = 100_000;

/** Returns the profile of the context that names the request most exactly: by host first, then by the longer path, then
 *  by whole segments before a prefix. Of two that are equally exact, which a router that ignores case can see, the first
 *  in `contexts` wins. Returns `base` when no context fits. */
export function selectProfile<P>(
  contexts: readonly Placed<P>[],
  base: P,
  request: PlatformRequest,
  caseSensitive: boolean,
): P {
  if (!contexts.length) return base;
  const target = targetOf(request);
  let best: { readonly rank: number; readonly profile: P } = { rank: -1, profile: base };
  for (const { place, profile } of contexts) {
    const rank = rankOf(place, target, caseSensitive);
    if (rank > best.rank) best = { rank, profile };
  }
  return best.profile;
}

/** Reports whether a path has sessions. A path that does not normalise is under no path, so it has sessions only when
 *  `include` is empty. */
export function isInScope(scope: ResolvedScope, request: PlatformRequest, caseSensitive: boolean): boolean {
  const { enabled, include, exclude, match } = scope;
  if (!enabled) return false;
  if (!include.length && !exclude.length) return true;
  const { path } = targetOf(request);
  if (path === undefined) return !include.length;
  const isListed = (base: string) => isUnder(base, path, match, caseSensitive);
  return (!include.length || include.some(isListed)) && !exclude.some(isListed);
}

/** Returns how exactly a context names a request; -1 if it does not. */
function rankOf(place: ContextPlace, { host, path }: RequestTarget, caseSensitive: boolean): number {
  const named = hostRank(place.host, host);
  if (named < 0 || path === undefined || !isUnder(place.path, path, place.match, caseSensitive)) return -1;
  const exactness = 2 * place.path.length + (place.match === 'segments' ? 1 : 0);
  return named * MAX_PATH_RANK + Math.min(exactness, MAX_PATH_RANK - 1);
}
