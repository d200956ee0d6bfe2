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

/** Returns the fault of a package that could not be imported, with the way to mend it. */
function messageFor(name: string, error: unknown): string {
  if (isMissing(error)) return `needs the package ${name}: npm install ${name}`;
  const needed = `needs the package ${name}, which is installed but does not load`;
  if (isUnreadModule(error))
    return `${needed}: it consists of ES modules, and this loader reads CommonJS only; start Jest with node --experimental-vm-modules, or let Jest transform ${name} (transformIgnorePatterns)`;
  return `${needed} on ${process.platform}-${process.arch} with Node ${process.versions.node}: npm rebuild ${name}, or install it again`;
}

function isMissing(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

/** Jest reads an ES module as CommonJS, so it reports wrong syntax. Its errors may be of another realm. */
function isUnreadModule(error: unknown): boolean {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  return code === 'ERR_REQUIRE_ESM' || name === 'SyntaxError';
}
