import { existsSync } from 'node:fs';
import { codeOf } from '../errors/session-store.error.js';
import type { AuditedOptions } from '../options/audit/audit-options.js';
import { CommandError } from './command.error.js';
import { EXIT } from './exit-codes.js';
import { importFile, refuseFaults } from './import-file.js';

/** The exports that are looked for, in this order. */
const NAMES = ['sessionOptions', 'options', 'default'];

/** The file that is read if no other is named. */
const DEFAULT_CONFIG = './session.options.mjs';

/** Returns {@link DEFAULT_CONFIG} if it is there. */
export const presentConfig = (): string | undefined =>
  existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined;

/** Imports a module and returns the options that it exports as `sessionOptions`, `options` or `default`. A function
 *  there is called, and may return a promise. The module's own code runs. Rejects with a CommandError if the module cannot
 *  be loaded or exports no options, and with a SessionConfigError if it cannot make them, as from a php.ini with a fault. */
export async function loadConfig(file: string = defaultConfig()): Promise<AuditedOptions> {
  const found = exportedOptions(await importFile(file));
  if (found === undefined)
    throw new CommandError(
      EXIT.config,
      `${file} exports none of ${NAMES.join(', ')}; export the object that forRoot() gets`,
    );
  if (typeof found !== 'function') return found as AuditedOptions;
  try {
    return (await (found as () => unknown)()) as AuditedOptions;
  } catch (error) {
    refuseFaults(error);
    throw new CommandError(EXIT.config, `the function that ${file} exports failed (${codeOf(error)})`);
  }
}

function defaultConfig(): string {
  const present = presentConfig();
  if (present) return present;
  throw new CommandError(
    EXIT.noInput,
    `no options are known: ${DEFAULT_CONFIG} does not exist here; write --config FILE or --module FILE#CLASS`,
  );
}

/** A CommonJS module has its exports inside `default`. */
function exportedOptions(members: Readonly<Record<string, unknown>>): unknown {
  const name = NAMES.find((one) => members[one] !== undefined);
  const found = name && members[name];
  const isWrapped = name === 'default' && typeof found === 'object' && found !== null && !('crypto' in found);
  return isWrapped && NAMES.some((one) => one in found)
    ? exportedOptions(found as Readonly<Record<string, unknown>>)
    : found;
}
