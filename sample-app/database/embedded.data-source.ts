import { DataSource, type DataSourceOptions } from 'typeorm';
import { EmbeddedPostgres } from './embedded-postgres.js';

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>;

/** A DataSource with its own Postgres, which it closes after its last connection. */
export class EmbeddedDataSource extends DataSource {
  private constructor(
    options: PostgresOptions,
    private readonly server: EmbeddedPostgres,
  ) {
    super(options);
  }

  /** Opens the database in a folder; it is one session, so there is one connection. */
  static async open(options: PostgresOptions, folder: string): Promise<EmbeddedDataSource> {
    const server = await EmbeddedPostgres.open(folder);
    const extra = { stream: () => server.connect(), connectionTimeoutMillis: 5000, idleTimeoutMillis: 0 };
    return new EmbeddedDataSource(
      { ...options, username: 'postgres', database: 'postgres', poolSize: 1, extra },
      server,
    );
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    await this.server.close();
  }
}
