/** Which files a server shows under which paths. */
export interface Places {
  readonly documentRoot: string | undefined;
  /** In the order in which they are tried. */
  readonly aliases: readonly { readonly path: string; readonly directory: string }[];
}

/** One slash between segments, none at the end. */
export const tidy = (path: string): string => path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');

/** Whether `inner` is `outer` or lies below it, by whole segments. */
export const covers = (outer: string, inner: string): boolean =>
  outer === '/' || inner === outer || (inner.startsWith(outer) && inner[outer.length] === '/');

export const depth = (path: string): number => (path === '/' ? 0 : path.split('/').length - 1);

/** The file that a URL path names; `undefined` when nothing says so. */
export function fileOf(path: string, { documentRoot, aliases }: Places): string | undefined {
  const alias = aliases.find((one) => covers(one.path, path));
  if (alias) return below(alias.directory, path.slice(alias.path === '/' ? 0 : alias.path.length));
  return documentRoot === undefined ? undefined : below(documentRoot, path);
}

/** The outermost URL paths whose files lie in a directory. All files lie in `/`. */
export function pathsOf(directory: string, places: Places): string[] {
  if (directory === '/') return ['/'];
  const roots = [...places.aliases];
  if (places.documentRoot !== undefined) roots.push({ path: '/', directory: places.documentRoot });
  const paths = roots.flatMap((root) => {
    if (covers(directory, root.directory)) return [root.path];
    if (!covers(root.directory, directory)) return [];
    return [below(root.path, directory.slice(root.directory === '/' ? 0 : root.directory.length))];
  });
  // An alias hides what the document root has under its path.
  return [...new Set(paths)].filter((path) => covers(directory, fileOf(path, places) ?? ''));
}

const below = (outer: string, rest: string): string => tidy(`${outer}/${rest}`);
