import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { codeOf, SessionStoreError } from '../../errors/session-store.error.js';

/** The result of one statement. */
export interface ExecuteResult {
  readonly rows: Record<string, unknown>[];
  /** Rows that the statement has changed or returned. */
  readonly affected: number;
}

/** The part of a pg Pool that is used. */
interface Pool {
  query(query: {
    name?: string;
    text: string;
    values: unknown[];
  }): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;
}

/** SQLSTATEs: the prepared statement does not exist, or a statement of this name exists already. A transaction pooler gives
 *  each transaction another connection, which does not know our names or knows them from another client. The statement did
 *  not run then, so it can run again without a name. */
const NAME_FAULTS = new Set(['26000', '42P05']);

/** Runs a store's statements. If the DataSource has a pg pool, they are named and prepared there, which halves the
 *  database's work. Otherwise they run through a TypeORM query runner. */
export class Executor<N extends string = string> {
  private readonly prefix: string;
  private readonly pool: Pool | undefined;

  constructor(
    private readonly dataSource: DataSource,
    /** SQL by name. */
    private readonly texts: Readonly<Record<N, string>>,
    /** Name the statements. Becomes `false` at the first {@link NAME_FAULTS}. */
    private prepared: boolean,
  ) {
    // Statements of another table or version get other names on the same connection.
    const hash = createHash('sha256').update(JSON.stringify(texts));
    this.prefix = `sc_${hash.digest('hex').slice(0, 8)}_`;
    this.pool = poolOf(dataSource);
  }

  /** Runs a statement. Rejects with a SessionStoreError that contains the statement's name and the driver's code, and never
   *  a parameter. */
  run(name: N, values: unknown[] = []): Promise<ExecuteResult> {
    const result = this.pool ? this.runOnPool(this.pool, name, values) : this.runOnRunner(name, values);
    return result.catch((error: unknown) => {
      throw SessionStoreError.from(name, error);
    });
  }

  private runOnPool(pool: Pool, name: N, values: unknown[]): Promise<ExecuteResult> {
    const text = this.texts[name];
    const named = this.prepared;
    const query = named ? { name: this.prefix + name, text, values } : { text, values };
    return pool.query(query).then(
      ({ rows, rowCount }) => ({ rows, affected: rowCount ?? 0 }),
      (error: unknown) => {
        if (!named || !NAME_FAULTS.has(codeOf(error))) throw error;
        this.prepared = false;
        return this.runOnPool(pool, name, values);
      },
    );
  }

  private async runOnRunner(name: N, values: unknown[]): Promise<ExecuteResult> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const result = await runner.query(this.texts[name], values, true);
      return { rows: result.records, affected: result.affected ?? result.records.length };
    } finally {
      await runner.release();
    }
  }
}

/** Returns the DataSource's pg pool. TypeORM documents no way to it: it keeps the pool in the field `driver.master`. So the
 *  field is checked, and its absence is no error. */
function poolOf({ driver }: DataSource): Pool | undefined {
  const { master } = driver as { master?: Partial<Pool> };
  return typeof master?.query === 'function' ? (master as Pool) : undefined;
}
