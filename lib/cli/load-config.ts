import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SessionConfigError } from '../errors/session-config.error.js';
import { codeOf } from '../errors/session-store.error.js';
import type { AuditedOptions } from '../options/audit/audit-options.js';
import { UsageError } from './usage.error.js';

/** The exports that are looked for, in this order. */
const NAMES = ['sessionOptions', 'options', 'default'];

/** Imports a module and returns the options that it exports as `sessionOptions`, `options` or `default`. A function
 *  there is called, and may return a promise. The module's own code runs. Rejects with a UsageError if the module cannot
 *  be loaded or exports no options, and with a SessionConfigError if it cannot make them, as from a php.ini with a fault. */
export async function loadConfig(file: string): Promise<AuditedOptions> {
  const found = exportedOptions(await importFile(file));
  if (found === undefined)
    throw new UsageError(
      `${file} exports none of ${NAMES.join(', ')}; export the object that forRoot() gets`,
    );
  if (typeof found !== 'function') return found as AuditedOptions;
  try {
    return (await (found as () => unknown)()) as AuditedOptions;
  } catch (error) {
    refuseFaults(error);
    throw new UsageError(`the function that ${file} exports failed (${codeOf(error)})`);
  }
}

/** The module's own error message could contain a secret, so only its code is shown. */
async function importFile(file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as object;
  } catch (error) {
    refuseFaults(error);
    const code = codeOf(error);
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new UsageError(
        `this Node cannot load ${file}; compile it and name the .js, .mjs or .cjs file, or use Node 22.18 or later, which reads TypeScript`,
      );
    throw new UsageError(`${file} cannot be loaded (${code})`);
  }
}

/** Throws the error again if it lists wrong options, whose messages contain no secret. It may come from the copy of the package
 *  that the module itself has loaded. */
function refuseFaults(error: unknown): void {
  const { code, faults } = Object(error) as Partial<SessionConfigError>;
  if (code === 'ERR_SESSION_CONFIG' && Array.isArray(faults)) throw new SessionConfigError(faults);
}

/** A CommonJS module has its exports inside `default`. */
function exportedOptions(module: object): unknown {
  const members = module as Readonly<Record<string, unknown>>;
  const name = NAMES.find((one) => members[one] !== undefined);
  const found = name && members[name];
  const isWrapped = name === 'default' && typeof found === 'object' && found !== null && !('crypto' in found);
  return isWrapped && NAMES.some((one) => one in found) ? exportedOptions(found) : found;
}
