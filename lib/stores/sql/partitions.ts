import { checkNames, type OptionNames } from '../../errors/check-names.js';
import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';
import { fittingName, qualifiedName, type SessionTable, type TablePlace } from './table-place.js';

/** The place of the session table, and how it is divided. */
export interface SessionTableLayout extends SessionTable {
  /** Divides the rows by hash of the key into so many partitions, from 2 to 1000, so that vacuum and indexes stay small. Needs
   *  PostgreSQL 11 or later. It counts when the table is made.
   *  @default one table */
  readonly partitions?: number | undefined;
}

const NAMES: OptionNames<SessionTableLayout> = { table: true, schema: true, partitions: true };

/** The fewest partitions of a table, and the most. */
export const PARTITIONS = [2, 1000] as const;
const [FEWEST, MOST] = PARTITIONS;

/** Throws a SessionConfigError for an unknown option of the function `call`, and for a wrong number of partitions. */
export function checkLayout(call: string, where: SessionTableLayout): void {
  checkNames(call, where, NAMES);
  checkPartitions(where);
}

/** Throws a SessionConfigError for a wrong number of partitions. */
export function checkPartitions({ partitions }: SessionTableLayout): void {
  if (partitions === undefined) return;
  if (Number.isInteger(partitions) && partitions >= FEWEST && partitions <= MOST) return;
  const found = typeof partitions === 'number' ? partitions : kindOf(partitions);
  throw partitionFault(`is ${found}; allowed is a whole number from ${FEWEST} to ${MOST}`);
}

/** Throws a SessionConfigError if the table that is there is divided otherwise than an option says. */
export function checkDivision(place: TablePlace, wanted: number | undefined, found: number): void {
  if (wanted === undefined || wanted === found) return;
  const is = found ? `has ${found} partitions` : 'is one table';
  throw partitionFault(
    `is ${wanted}, and ${qualifiedName(place)} ${is}; leave the option out, or move the rows into a new table (docs/scale.md)`,
  );
}

/** Returns the end of CREATE TABLE for a table, and the statements that make its partitions. */
export function divisionOf(place: TablePlace, partitions: number | undefined, storage: string) {
  if (partitions === undefined) return { tail: storage, parts: [] };
  const part = (i: number) => qualifiedName({ ...place, table: fittingName(`${place.table}_p${i}`) });
  const parts = Array.from(
    { length: partitions },
    (_, i) =>
      `CREATE TABLE ${part(i)} PARTITION OF ${qualifiedName(place)} FOR VALUES WITH (MODULUS ${partitions}, REMAINDER ${i}) ${storage}`,
  );
  return { tail: 'PARTITION BY HASH ("key")', parts };
}

const partitionFault = (message: string) => new SessionConfigError([{ path: 'store.partitions', message }]);
