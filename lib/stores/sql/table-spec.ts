import {
  checkTable,
  placeOf,
  qualifiedName,
  type SessionTable,
  type TableNaming,
  type TablePlace,
} from './table-place.js';

/** One kind of table of this package: what its printed SQL and its migration need. A feature that keeps rows of its own adds
 *  one of these, and the command line prints it by its name in `tables.ts`. */
export interface TableSpec {
  /** The table's default name. */
  readonly table: string;
  /** The columns of the table, in its order. */
  readonly columns: readonly string[];
  /** The name of its migration, as TypeORM records it: in front of the table's own name and the date. */
  readonly migrationName: string;
  /** The date of its migration, as milliseconds. TypeORM runs migrations in this order. */
  readonly migrationDate: number;
  /** The functions that belong to it, as messages name them. */
  readonly calls: {
    readonly create: string;
    readonly drop: string;
    readonly migration: string;
    /** What uses the table. */
    readonly user: string;
  };
  /** Returns the statements that create the table and its indexes. */
  statements(place: TablePlace, naming: TableNaming | undefined): string[];
}

/** Returns where a table of this kind stands. Throws a SessionConfigError for a wrong name. */
export const placeIn = (spec: TableSpec, where: SessionTable, naming?: TableNaming): TablePlace =>
  placeOf({ ...where, table: where.table ?? spec.table }, naming);

/** Returns the statements that create a table. Throws a SessionConfigError for a wrong name. */
export function createSql(spec: TableSpec, where: SessionTable, naming?: TableNaming): string[] {
  checkTable(`${spec.calls.create}()`, where);
  return spec.statements(placeIn(spec, where, naming), naming);
}

/** Returns the statements that drop a table. Throws a SessionConfigError for a wrong name. */
export function dropSql(spec: TableSpec, where: SessionTable, naming?: TableNaming): string[] {
  checkTable(`${spec.calls.drop}()`, where);
  return [`DROP TABLE ${qualifiedName(placeIn(spec, where, naming))}`];
}
