import { pathOf, type PathMatch } from '../http/request-target.js';
import type { OptionReader } from './option-reader.js';

/** Where there are sessions at all. */
export interface ResolvedScope {
  readonly enabled: boolean;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly match: PathMatch;
}

export const PATH_MATCHES = ['segments', 'prefix'] as const;

/** Reads the members of `session` that say where sessions are. */
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

/** A path that a request could never have would hold for nothing. */
export function checkPath(reader: OptionReader, key: string, path: unknown): path is string {
  if (typeof path === 'string' && pathOf(path.replaceAll('%', '%25')) === path) return true;
  reader.addValueFault(
    key,
    path,
    'a decoded path that begins with / and holds no empty, "." or ".." segment, no backslash, ? or #',
  );
  return false;
}
