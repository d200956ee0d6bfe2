/** What an error of the database means. `outage`: the database does not work now. `retry`: the statement has done nothing,
 *  and may run again. `answer`: the database works and has refused this statement. */
export type SqlMeaning = 'outage' | 'retry' | 'answer';

/** The one table of SQLSTATEs: a whole code, or a class (its first two characters). All others are answers. */
const MEANINGS: Readonly<Record<string, SqlMeaning>> = {
  /** Connection exception. */
  '08': 'outage',
  /** Insufficient resources. */
  '53': 'outage',
  /** Operator intervention. */
  '57': 'outage',
  /** System error. */
  '58': 'outage',
  /** Serialization failure. */
  '40001': 'retry',
  /** Deadlock. */
  '40P01': 'retry',
};

/** The classes of PostgreSQL's SQLSTATEs. `EPIPE` and other codes of Node have five letters too, but no class begins with
 *  the letter E. */
const SQLSTATE = /^(?:[0-9][0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/;

export const isSqlState = (code: string): boolean => SQLSTATE.test(code);

/** Returns the meaning of an error's code. A code that is no SQLSTATE is an outage: it comes from the network or a timer. */
export function meaningOf(code: string): SqlMeaning {
  if (!isSqlState(code)) return 'outage';
  return MEANINGS[code] ?? MEANINGS[code.slice(0, 2)] ?? 'answer';
}
