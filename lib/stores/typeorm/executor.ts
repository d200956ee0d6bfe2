import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { codeOf, SessionStoreError } from '../../errors/session-store.error.js';

export interface ExecuteResult {
  readonly rows: Record<string, unknown>[];
  readonly affected: number;
}

/** The part of a pg Pool that is used; TypeORM keeps one in `driver.master`. */
interface Pool {
  query(query: {
    name?: string;
    text: string;
    values: unknown[];
  }): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;
}

/** SQLSTATEs: the prepared statement does not exist, or exists already. A pooler handed it to a connection that does
 *  not know its name, or knows another one by it. Nothing was run then, so it is run without a name, as are all others. */
const NAME_FAULTS = new Set(['26000', '42P05']);

/** Runs the store's statements: named and prepared on the DataSource's own pg pool where it has one, which halves the
 *  database's work; else through a query runner. */
export class Executor<N extends string = string> {
  private readonly prefix: string;
  private readonly pool: Pool | undefined;

  constructor(
    private readonly dataSource: DataSource,
    /** SQL by name. */
    private readonly texts: Readonly<Record<N, string>>,
    private prepared: boolean,
  ) {
    const all = createHash('sha256').update(JSON.stringify(texts));
    this.prefix = `sc_${all.digest('hex').slice(0, 8)}_`;
    this.pool = poolOf(dataSource);
  }

  /** Rejects with a SessionStoreError that names the statement and the driver's code, never its parameters. */
  run(name: N, values: unknown[] = []): Promise<ExecuteResult> {
    const answer = this.pool ? this.runOnPool(this.pool, name, values) : this.runOnRunner(name, values);
    return answer.catch((error: unknown) => {
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

/** TypeORM names no way to its pool: `driver.master` is its own field, so it is tested for and not relied upon. */
function poolOf({ driver }: DataSource): Pool | undefined {
  const { master } = driver as { master?: Partial<Pool> };
  return typeof master?.query === 'function' ? (master as Pool) : undefined;
}
