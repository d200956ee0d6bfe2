import { SessionConfigError } from '../errors/session-config.error.js';

/** Imports the optional package `name` when the option at `path` needs it. Rejects with a SessionConfigError at `path` that
 *  says how to install the package, or that it does not load on this machine. */
export async function loadPeer<T>(name: string, path: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (error) {
    throw new SessionConfigError([{ path, message: messageFor(name, error) }]);
  }
}

function messageFor(name: string, error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return isMissing
    ? `needs the package ${name}: npm install ${name}`
    : `needs the package ${name}, which is installed but does not load on ${process.platform}-${process.arch} with Node ${process.versions.node}: npm rebuild ${name}, or install it again`;
}
