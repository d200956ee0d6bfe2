/** The mapping of URL paths to directories of the disk, as DocumentRoot, Alias and ScriptAlias define it. */
export interface UrlMapping {
  readonly documentRoot: string | undefined;
  /** In the order in which httpd tries them. */
  readonly aliases: readonly { readonly path: string; readonly directory: string }[];
}

/** Returns the path with one slash between segments and none at the end. */
export const normalizePath = (path: string): string => path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');

/** True if `inner` is `outer` or lies below it. Compares whole segments. */
export const covers = (outer: string, inner: string): boolean =>
  outer === '/' || inner === outer || (inner.startsWith(outer) && inner[outer.length] === '/');

/** Returns the number of segments; 0 for `/`. */
export const depth = (path: string): number => (path === '/' ? 0 : path.split('/').length - 1);

/** Returns the file that a URL path maps to, or `undefined` if neither an alias nor DocumentRoot maps it. */
export function fileOf(path: string, { documentRoot, aliases }: UrlMapping): string | undefined {
  const alias = aliases.find((one) => covers(one.path, path));
  if (alias) return join(alias.directory, path.slice(alias.path === '/' ? 0 : alias.path.length));
  return documentRoot === undefined ? undefined : join(documentRoot, path);
}

/** Returns the outermost URL paths that map into a directory. The directory `/` holds all files. */
export function urlPathsOf(directory: string, mapping: UrlMapping): string[] {
  if (directory === '/') return ['/'];
  const roots = [...mapping.aliases];
  if (mapping.documentRoot !== undefined) roots.push({ path: '/', directory: mapping.documentRoot });
  const paths = roots.flatMap((root) => {
    if (covers(directory, root.directory)) return [root.path];
    if (!covers(root.directory, directory)) return [];
    return [join(root.path, directory.slice(root.directory === '/' ? 0 : root.directory.length))];
  });
  // An alias hides the part of the document root at the same path.
  return [...new Set(paths)].filter((path) => covers(directory, fileOf(path, mapping) ?? ''));
}

const join = (outer: string, rest: string): string => normalizePath(`${outer}/${rest}`);
