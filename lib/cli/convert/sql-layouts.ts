import { describeTable } from '../../stores/sql/foreign-table.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';
import type { SourcePackage } from './session-source.interface.js';

/** How a package lays out its table. All texts are SQL. */
export interface SqlLayout {
  readonly columns: readonly string[];
  readonly id: string;
  readonly json: string;
  /** Seconds since 1970. A column without a zone is read in the zone of the connection, as the package writes it. */
  readonly end: string;
  readonly alive: string;
  /** A column that is set in rows that were ended, if the table has it. */
  readonly endedAt?: string;
}

export const SQL_LAYOUTS: Readonly<Partial<Record<SourcePackage, SqlLayout>>> = {
  'connect-pg-simple': {
    columns: ['sid', 'sess', 'expire'],
    id: '"sid"',
    json: '"sess"',
    end: 'extract(epoch FROM "expire"::timestamptz)',
    alive: '"expire"::timestamptz > now()',
  },
  'connect-typeorm': {
    columns: ['id', 'json', 'expiredAt'],
    id: '"id"',
    json: '"json"',
    end: '"expiredAt"::int8 / 1000',
    alive: '"expiredAt"::int8 > extract(epoch FROM now()) * 1000',
    endedAt: 'destroyedAt',
  },
};

/** Columns of our own table. */
const OWN = ['key', 'sealed', 'subject', 'deadline'];

/** Throws a CommandError unless a table with these columns is the package's. */
export function checkColumns(table: string, columns: readonly string[], from: SourcePackage): void {
  const { columns: needed } = SQL_LAYOUTS[from]!;
  if (needed.every((column) => columns.includes(column))) return;
  const other = Object.entries(SQL_LAYOUTS).find(([, one]) =>
    one.columns.every((name) => columns.includes(name)),
  );
  const seen = OWN.every((name) => columns.includes(name))
    ? 'is a table of nestjs-session-crypto itself'
    : describeTable(columns);
  const remedy = other
    ? `write --from ${other[0]}`
    : `${from} has ${needed.join(', ')}; name its table by --table and --schema`;
  throw new CommandError(EXIT.data, `${table} ${seen}; ${remedy}`);
}
