import { SessionConfigError } from '../../errors/session-config.error.js';

/** Returns the id of the user of this process. Throws a SessionConfigError at the option `path` on Windows, which has no
 *  users and modes of this kind; `message` says what is missing and what to write. */
export function posixUser(path: string, message: string): number {
  if (process.platform === 'win32') throw new SessionConfigError([{ path, message }]);
  return process.geteuid!();
}
