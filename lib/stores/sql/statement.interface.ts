/** How a statement may be run.
 *
 *  `read`: it changes nothing, so it may run again on another connection. `scan`: a read of many rows, which may need all the
 *  time. `survey`: a read of the whole table, which has a minute. `once`: a write that may run once. `again`: a write that does nothing if it has been done already. `batch`: a write
 *  of many rows that nobody waits for, so it has a minute.
 *
 *  A write has one more parameter, the last: the moment by the database's clock (milliseconds since 1970) after which it
 *  must not act any more. It then fails with SQLSTATE 22012 and has done nothing. */
export type StatementKind = 'read' | 'scan' | 'survey' | 'once' | 'again' | 'batch';

export interface Statement {
  readonly kind: StatementKind;
  readonly text: string;
}

export const read = (text: string): Statement => ({ kind: 'read', text });
export const scan = (text: string): Statement => ({ kind: 'scan', text });
export const survey = (text: string): Statement => ({ kind: 'survey', text });
export const writeOnce = (text: string): Statement => ({ kind: 'once', text });
export const writeAgain = (text: string): Statement => ({ kind: 'again', text });
export const batch = (text: string): Statement => ({ kind: 'batch', text });

/** Kinds of statements that change nothing. */
const READS: readonly StatementKind[] = ['read', 'scan', 'survey'];

/** True for statements that get their moment as the last parameter. */
export const isWrite = ({ kind }: Statement): boolean => !READS.includes(kind);

/** SQL of the moment that parameter `n` holds as milliseconds since 1970. */
export const moment = (n: number): string => momentOf(`$${n}`);

const momentOf = (value: string): string => `to_timestamp(${value}::int8 / 1000::float8)`;

/** SQL of a column's moment as whole milliseconds since 1970. */
export const milliseconds = (expression: string, name = expression): string =>
  `(date_part('epoch', ${expression}) * 1000)::int8 AS ${name}`;

/** SQL of the database's time as the column `now`. */
export const NOW = milliseconds('now()', '"now"');

/** SQL for RETURNING: 1, or a division by zero if the moment in parameter `n` is over, so that the whole statement has no
 *  effect. RETURNING is evaluated last: after the statement has waited for a row that another one had locked. */
export const inTime = (n: number): string => inTimeBy(moment(n));

/** {@link inTime} for a moment in milliseconds since 1970, where a statement has no parameters. */
export const inTimeFor = (milliseconds: number): string => inTimeBy(momentOf(`${milliseconds}`));

const inTimeBy = (end: string): string => `1 / (clock_timestamp() < ${end})::int4`;

/** SQLSTATE of a write that came too late, see {@link inTime}. */
export const TOO_LATE = '22012';
