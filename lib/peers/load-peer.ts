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
  if (isMissing(error)) return `needs the package ${name}: npm install ${name}`;
  const needed = `needs the package ${name}, which is there and does not load`;
  if (isUnread(error))
    return `${needed}: it is made of ES modules, and this loader reads CommonJS only; start Jest with node --experimental-vm-modules, or take ${name} out of its transformIgnorePatterns`;
  return `${needed} on ${process.platform}-${process.arch} with Node ${process.versions.node}: npm rebuild ${name}, or npm install ${name} anew`;
}

function isMissing(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

/** Jest takes the words of an ES module for wrong CommonJS. Its errors may be of another realm. */
function isUnread(error: unknown): boolean {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  return code === 'ERR_REQUIRE_ESM' || name === 'SyntaxError';
}
