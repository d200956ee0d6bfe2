import type { Done } from '../done.js';
import type { Connections, Lease, Query, QueryResult } from '../sql/connection.interface.js';
import { isSqlState } from '../sql/sqlstate.js';

/** What a statement has returned, as `pg` and many other clients say it. */
export interface QueryOutcome {
  /** The rows as objects by column. */
  readonly rows: readonly object[];
  /** @default the number of rows, since every statement of the store returns one for each row that it has changed */
  readonly rowCount?: number | null | undefined;
}

/** Runs one statement with parameters `$1`, `$2` … Values are `Buffer`, number, string or `null`. Rejects with an error that
 *  has the SQLSTATE as its `code`, or its cause has it. */
export type QueryFunction = (text: string, values: unknown[]) => PromiseLike<QueryOutcome>;

/** Whatever has such a function: a client of `pg`, PGlite, or an adapter of yours. */
export interface Queryable {
  query(text: string, values: unknown[]): PromiseLike<QueryOutcome>;
}

/** The statement has returned something else than `{ rows }`. */
export class OutcomeError extends TypeError {
  readonly code = 'ERR_QUERY_OUTCOME';
}

/** Connections that only the client behind a query function knows. The store cannot take one back when a statement takes too
 *  long: it stops waiting, and a write does nothing after its moment. */
export class QueryConnections implements Connections {
  private readonly leased: Lease;

  constructor(query: QueryFunction) {
    this.leased = {
      query: (one, done) => void run(query, one).then((result) => done(undefined, result), done),
      release: () => undefined,
    };
  }

  lease(_until: number, done: Done<Lease>): void {
    done(undefined, this.leased);
  }

  close(): void {}
}

async function run(query: QueryFunction, { text, values }: Query): Promise<QueryResult> {
  let outcome: QueryOutcome | undefined;
  try {
    outcome = await query(text, values);
  } catch (error) {
    throw databaseErrorOf(error ?? new Error('the query function has failed and named no error'));
  }
  const { rows, rowCount } = Object(outcome) as Partial<QueryOutcome>;
  if (!Array.isArray(rows)) throw new OutcomeError('the query function has returned no rows');
  return { rows: rows as Record<string, unknown>[], rowCount: rowCount ?? rows.length };
}

/** How deep wrappers are looked into. */
const DEPTH = 5;

/** Where wrappers keep the error of the database: `cause` in Drizzle and the standard, `meta` in Prisma. */
const INSIDE = ['cause', 'meta', 'driverError', 'originalError', 'original'] as const;

/** Returns the error that has the SQLSTATE, or the error itself. */
function databaseErrorOf(error: unknown, depth = 0): unknown {
  if (isAnswer(error) || depth === DEPTH) return error;
  const inner = Object(error) as Record<string, unknown>;
  for (const field of INSIDE) {
    const found = inner[field] && databaseErrorOf(inner[field], depth + 1);
    if (isAnswer(found)) return found;
  }
  return error;
}

/** True for an error with a SQLSTATE. Codes such as `EPIPE` and Prisma's `P2010` have five letters too and are none. */
function isAnswer(error: unknown): boolean {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' && isSqlState(code);
}
