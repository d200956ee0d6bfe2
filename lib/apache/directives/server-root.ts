import { posix } from 'node:path';

/** Returns an absolute path. A relative one lies under ServerRoot, as in httpd's ap_server_root_relative. Returns
 *  `undefined` for a relative path without a ServerRoot. */
export function resolvePath(path: string, serverRoot: string | undefined): string | undefined {
  if (isAbsolute(path)) return path;
  return serverRoot === undefined ? undefined : posix.join(serverRoot, path);
}

/** True for a path that begins with `/`, or with a drive such as `C:\`. */
export const isAbsolute = (path: string): boolean => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
