import { codeOf } from '../../errors/session-store.error.js';
import { isSqlState, meaningOf } from '../../stores/sql/sqlstate.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';

/** Runs a statement. Rejects with a CommandError that shows the code of what failed, and no message: it could contain a value. */
export async function asked<R>(table: string, ask: () => Promise<R>): Promise<R> {
  try {
    return await ask();
  } catch (error) {
    throw sqlFault(error, table);
  }
}

/** Returns the CommandError for what Postgres, or the way to it, has said. */
export function sqlFault(error: unknown, table: string): CommandError {
  const code = codeOf(error);
  if (code === '42501')
    return new CommandError(
      EXIT.noPermission,
      `this user may not read ${table} (42501); run GRANT SELECT ON ${table} for it`,
    );
  if (code.startsWith('28'))
    return new CommandError(
      EXIT.noPermission,
      `Postgres refuses the user or its password (${code}); check the address of the old sessions`,
    );
  if (isSqlState(code) && meaningOf(code) === 'answer')
    return new CommandError(
      EXIT.data,
      `${table} cannot be read (${code}); check that the address leads to the database of the old sessions, and the table to its sessions`,
    );
  return new CommandError(
    EXIT.unavailable,
    `the database of the old sessions does not answer (${code}); check that it runs, and its address`,
  );
}
