import { hostRank, isUnder, type RequestTarget } from '../http/request-target.js';
import type { ResolvedContext } from './resolved-options.interface.js';

/** The host, path and way of matching that a context has. */
export type ContextPlace = Pick<ResolvedContext, 'host' | 'path' | 'match'>;

/** The standard allows no underscore in a host name, but names of containers often have one. */
const HOST = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$|^\[[0-9a-f:.]+\]$/i;

/** Reports whether a context can have this host: a name without port, or `*.` and a name. */
export const isHostPattern = (host: string): boolean => HOST.test(host);

/** Ranks of a path stay below this, so that a host always counts for more than a path. */
const MAX_PATH_RANK = 100_000;

/** Returns the item whose place names the target most exactly: by host first, then by the longer path, then by whole
 *  segments before a prefix. Of two that are equally exact, which a router that ignores case can see, the first wins.
 *  Returns `undefined` if no place fits. */
export function mostExact<T>(
  items: readonly T[],
  placeOf: (item: T) => ContextPlace,
  target: RequestTarget,
  caseSensitive: boolean,
): T | undefined {
  let bestRank = -1;
  let best: T | undefined;
  for (const item of items) {
    const rank = rankOf(placeOf(item), target, caseSensitive);
    if (rank > bestRank) [bestRank, best] = [rank, item];
  }
  return best;
}

/** Returns how exactly a place names a target; -1 if it does not. */
function rankOf(place: ContextPlace, { host, path }: RequestTarget, caseSensitive: boolean): number {
  const named = hostRank(place.host, host);
  if (named < 0 || path === undefined || !isUnder(place.path, path, place.match, caseSensitive)) return -1;
  const exactness = 2 * place.path.length + (place.match === 'segments' ? 1 : 0);
  return named * MAX_PATH_RANK + Math.min(exactness, MAX_PATH_RANK - 1);
}
