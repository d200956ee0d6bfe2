import type { DataSource, QueryRunner } from 'typeorm';
import type { Done } from '../done.js';
import type { Connections, Lease, PoolClient, Query, QueryResult } from '../sql/connection.interface.js';
import { within } from '../time-limit.js';

/** Destroys the connection of a query runner. TypeORM has the method on Postgres and does not declare it. */
type Destroyable = QueryRunner & { releasePostgresConnection?(error: Error): Promise<void> };

/** The connections of a DataSource whose pool is not known: each comes from a query runner. */
export class RunnerConnections implements Connections {
  constructor(private readonly dataSource: DataSource) {}

  lease(until: number, done: Done<Lease>): void {
    this.connect(until).then((lease) => done(undefined, lease), done);
  }

  private async connect(until: number): Promise<Lease> {
    const runner: Destroyable = this.dataSource.createQueryRunner();
    const asked = runner.connect() as Promise<PoolClient | undefined>;
    try {
      return leaseOf(runner, await within(until, asked));
    } catch (error) {
      void asked.then(
        () => runner.release(),
        () => undefined,
      );
      throw error;
    }
  }

  close(): void {}
}

function leaseOf(runner: Destroyable, client: PoolClient | undefined): Lease {
  const isOfPg = typeof client?.release === 'function';
  return {
    connection: client,
    query(query, done) {
      if (isOfPg) client.query(query, done);
      else queryThrough(runner, query).then((result) => done(undefined, result), done);
    },
    release(error) {
      void (error && runner.releasePostgresConnection
        ? runner.releasePostgresConnection(error)
        : runner.release());
    },
  };
}

async function queryThrough(runner: QueryRunner, { text, values }: Query): Promise<QueryResult> {
  const { records, affected } = await runner.query(text, values, true);
  return { rows: records, rowCount: affected ?? records.length };
}
