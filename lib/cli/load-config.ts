import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeOf } from '../errors/session-store.error.js';
import type { AuditedOptions } from '../options/audit/audit-options.js';
import { UsageError } from './usage.error.js';

const NAMES = ['sessionOptions', 'options', 'default'];

/** The object that a module exports as `sessionOptions`, `options` or by default, or what a function that stands there
 *  gives or promises. Loads whatever this Node can import; the module runs. Rejects with a UsageError. */
export async function loadConfig(file: string): Promise<AuditedOptions> {
  const found = exported(await importFile(file));
  if (found === undefined)
    throw new UsageError(
      `${file} exports none of ${NAMES.join(', ')}; export the object that forRoot() gets`,
    );
  if (typeof found !== 'function') return found as AuditedOptions;
  try {
    return (await (found as () => unknown)()) as AuditedOptions;
  } catch (error) {
    throw new UsageError(`the function that ${file} exports failed (${codeOf(error)})`);
  }
}

/** A message of the module's own may hold anything, so only its kind is told. */
async function importFile(file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as object;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new UsageError(
        `this Node cannot load ${file}; compile it, name the .js, .mjs or .cjs, or take a Node that reads TypeScript (22.18 and later)`,
      );
    throw new UsageError(`${file} cannot be loaded (${code})`);
  }
}

/** CommonJS stands below `default`. */
function exported(module: object): unknown {
  const members = module as Readonly<Record<string, unknown>>;
  const name = NAMES.find((one) => members[one] !== undefined);
  const found = name && members[name];
  const isWrapped = name === 'default' && typeof found === 'object' && found !== null && !('crypto' in found);
  return isWrapped && NAMES.some((one) => one in found) ? exported(found) : found;
}
