import { isUnder, targetOf } from '../http/request-target.js';
import type { PlatformRequest } from '../http/connection.js';
import { mostExact, type ContextPlace } from '../options/context-place.js';
import type { ResolvedScope } from '../options/resolve-scope.js';

/** A context and what holds for its requests. */
export interface Placed<P> {
  readonly place: ContextPlace;
  readonly profile: P;
}

const placeOf = ({ place }: Placed<unknown>): ContextPlace => place;

/** Returns the profile of the context that names the request most exactly, or `base` when no context fits. */
export function selectProfile<P>(
  contexts: readonly Placed<P>[],
  base: P,
  request: PlatformRequest,
  caseSensitive: boolean,
): P {
  if (!contexts.length) return base;
  const best = mostExact(contexts, placeOf, targetOf(request), caseSensitive);
  return best ? best.profile : base;
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
