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

/** Where wrappers keep the error of the database: `cause` in Drizzle and the standard, `meta` in Prisma, and in Prisma 7
 *  `meta.driverAdapterError.cause`. */
const INSIDE = ['cause', 'meta', 'driverAdapterError', 'driverError', 'originalError', 'original'] as const;

/** Returns the error that has the SQLSTATE, or the error itself. */
const databaseErrorOf = (error: unknown): unknown => answerIn(error, 0) ?? error;

function answerIn(error: unknown, depth: number): unknown {
  const answer = answerOf(error);
  if (answer || depth === DEPTH) return answer;
  const inner = Object(error) as Record<string, unknown>;
  for (const field of INSIDE) {
    const found = inner[field] && answerIn(inner[field], depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** Returns an error with a SQLSTATE as its `code`, if this one has a SQLSTATE. Codes such as `EPIPE` and Prisma's `P2010` have
 *  five letters too and are none. Prisma 7 says `originalCode`, for some errors alone. */
function answerOf(error: unknown): unknown {
  const { code, originalCode } = Object(error) as { code?: unknown; originalCode?: unknown };
  if (isState(code)) return error;
  if (!isState(originalCode)) return undefined;
  return Object.assign(new Error('the database has refused', { cause: error }), { code: originalCode });
}

const isState = (code: unknown): code is string => typeof code === 'string' && isSqlState(code);
