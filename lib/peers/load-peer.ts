import { SessionConfigError } from '../errors/session-config.error.js';

/** The module `name`, an optional peer that is loaded when an option chooses it, and not before. Rejects with a
 *  SessionConfigError at the option `path` that says how to install it, or that it does not load here. */
export async function loadPeer<T>(name: string, path: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (error) {
    throw new SessionConfigError([{ path, message: faultOf(name, error) }]);
  }
}

function faultOf(name: string, error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return isMissing
    ? `needs the package ${name}: npm install ${name}`
    : `needs the package ${name}, which is there and does not load on ${process.platform}-${process.arch} with Node ${process.versions.node}: npm rebuild ${name}, or npm install ${name} anew`;
}
