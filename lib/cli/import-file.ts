import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SessionConfigError } from '../errors/session-config.error.js';
import { codeOf } from '../errors/session-store.error.js';
import { CommandError } from './command.error.js';
import { EXIT } from './exit-codes.js';

/** Imports a file of the operator, whose code runs. Rejects with a CommandError, which shows only the code of the module's own
 *  error, since its message could contain a secret. */
export async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(file) && ADDRESS.test(file)) throw new CommandError(EXIT.noInput, NO_FILE);
  if (!existsSync(file))
    throw new CommandError(EXIT.noInput, `${file} does not exist; name the file that exports your options`);
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  } catch (error) {
    refuseFaults(error);
    const code = codeOf(error);
    if (code === 'EACCES')
      throw new CommandError(EXIT.noPermission, `${file} cannot be read by this user (EACCES)`);
    throw new CommandError(
      EXIT.config,
      code === 'ERR_UNKNOWN_FILE_EXTENSION' ? unknownKind(file) : unloadable(file, code),
    );
  }
}

/** An address may hold a password, and a drive of Windows has one letter. */
const ADDRESS = /:\/\/|^[a-z][\w+.-]+:/i;
const NO_FILE =
  'an address is given in the place of a file; name the file that exports your options, which lead to the store';

/** Throws the error again if it lists wrong options, whose messages contain no secret. It may come from the copy of the package
 *  that the module itself has loaded. */
export function refuseFaults(error: unknown): void {
  const { code, faults } = Object(error) as Partial<SessionConfigError>;
  if (code === 'ERR_SESSION_CONFIG' && Array.isArray(faults)) throw new SessionConfigError(faults);
}

const unknownKind = (file: string) =>
  `this Node cannot load ${file}; compile it and name the .js, .mjs or .cjs file, or use Node 22.18 or later, which reads TypeScript`;

const unloadable = (file: string, code: string) =>
  `${file} cannot be loaded (${code}); run it with node to see the whole error`;
