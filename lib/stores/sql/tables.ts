import { KEY_TABLE } from './key-table.js';
import { SESSION_TABLE } from './session-table.js';
import type { TableSpec } from './table-spec.js';

/** Every kind of table of this package, by the word that the command line takes. */
export const TABLES: Readonly<Record<string, TableSpec>> = {
  sessions: SESSION_TABLE,
  keys: KEY_TABLE,
};
