import { pathOf, type PathMatch } from '../http/request-target.js';
import type { OptionReader } from './option-reader.js';

/** The paths that have sessions. */
export interface ResolvedScope {
  /** False turns sessions off everywhere. */
  readonly enabled: boolean;
  /** Empty means all paths. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly match: PathMatch;
}

export const PATH_MATCHES = ['segments', 'prefix'] as const;

/** Reads `enabled`, `include`, `exclude` and `match` of the group `session`. */
export function resolveScope(reader: OptionReader): ResolvedScope {
  return {
    enabled: reader.choice('enabled', true, [true, false]),
    include: readPaths(reader, 'include'),
    exclude: readPaths(reader, 'exclude'),
    match: reader.choice<PathMatch>('match', 'segments', PATH_MATCHES),
  };
}

function readPaths(reader: OptionReader, key: string): readonly string[] {
  const paths = reader.list(key, 'paths');
  paths.forEach((path, i) => checkPath(reader, `${key}[${i}]`, path));
  return paths as string[];
}

/** Reports whether `path` is a decoded path that a request can have, and adds a fault if it is not. Any other path would
 *  match no request at all. */
export function checkPath(reader: OptionReader, key: string, path: unknown): path is string {
  if (typeof path === 'string' && pathOf(path.replaceAll('%', '%25')) === path) return true;
  reader.addValueFault(
    key,
    path,
    'a decoded path that begins with / and has no empty, "." or ".." segment, no backslash, ? or #',
  );
  return false;
}
