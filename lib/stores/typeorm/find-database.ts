import type { DataSource } from 'typeorm';
import type { Database } from '../sql/database.interface.js';
import type { ResolveToken } from '../session-store.interface.js';
import { DataSourceConnections } from './data-source-connections.js';
import { resolveDataSource } from './data-source.js';

/** Finds the database that the option `dataSource` of a store means. Rejects with a SessionConfigError if there is none. */
export async function findDatabase(
  given: unknown,
  resolve: ResolveToken,
): Promise<Database & { readonly naming: DataSource }> {
  const { dataSource, ours } = await resolveDataSource(given, resolve);
  const connections = new DataSourceConnections(dataSource);
  return {
    connections: () => connections.get(),
    naming: dataSource,
    async close() {
      connections.close();
      if (ours) await dataSource.destroy();
    },
  };
}
