import type { DataSource, DataSourceOptions } from 'typeorm';
import { SessionConfigError, kindOf } from '../../errors/session-config.error.js';
import { loadPeer } from '../../peers/load-peer.js';
import type { ResolveToken } from '../session-store.interface.js';

/** TypeORM's types of databases that speak Postgres's SQL. */
const POSTGRES = new Set(['postgres', 'cockroachdb', 'aurora-postgres']);

/** Returns the initialized DataSource that the option `store.dataSource` means. `ours` says that this store has created it
 *  and must close it. Rejects with a SessionConfigError if the option is no DataSource, name or connection options, or if
 *  the database is not Postgres. */
export async function resolveDataSource(
  option: unknown,
  resolve: ResolveToken,
): Promise<{ dataSource: DataSource; ours: boolean }> {
  if (isDataSource(option)) return { dataSource: await initialized(option), ours: false };
  if (option === undefined || typeof option === 'string')
    return { dataSource: await initialized(await findNamed(option, resolve)), ours: false };
  if (!isOptions(option))
    throw fault(
      `is ${kindOf(option)}; allowed are a DataSource, its name, or connection options with a type`,
    );
  checkType(option.type);
  return { dataSource: await create(option), ours: true };
}

/** Recognises a DataSource of any version and any copy of TypeORM, because an application may have several. */
function isDataSource(option: unknown): option is DataSource {
  const { isInitialized, createQueryRunner } = Object(option) as Partial<DataSource>;
  return typeof isInitialized === 'boolean' && typeof createQueryRunner === 'function';
}

/** Connects with options. TypeORM is loaded only here: a DataSource that was handed in brings its own. */
async function create(options: DataSourceOptions): Promise<DataSource> {
  const typeorm = await loadPeer<{ DataSource?: new (options: DataSourceOptions) => DataSource }>(
    'typeorm',
    'store.dataSource',
  );
  if (!typeorm.DataSource) throw fault('needs TypeORM 0.3 or later: npm install typeorm');
  return new typeorm.DataSource(options).initialize();
}

const isOptions = (option: unknown): option is DataSourceOptions =>
  typeof option === 'object' && option !== null && 'type' in option;

async function initialized(dataSource: DataSource): Promise<DataSource> {
  checkType(dataSource.options.type);
  return dataSource.isInitialized ? dataSource : dataSource.initialize();
}

/** Returns the DataSource that `@nestjs/typeorm` has registered under a name, or its default one. */
async function findNamed(name: string | undefined, resolve: ResolveToken): Promise<DataSource> {
  const { getDataSourceToken } = await import('@nestjs/typeorm').catch(() => {
    throw fault('needs the package @nestjs/typeorm: run npm install @nestjs/typeorm, or pass a DataSource');
  });
  try {
    return (await resolve(getDataSourceToken(name))) as DataSource;
  } catch {
    const wanted = name ? `DataSource "${name}"` : 'default DataSource';
    throw fault(`no ${wanted} is known; import TypeOrmModule.forRoot(), or pass a DataSource`);
  }
}

function checkType(type: string): void {
  if (!POSTGRES.has(type)) throw fault(`is of type "${type}"; allowed are ${[...POSTGRES].join(', ')}`);
}

const fault = (message: string) => new SessionConfigError([{ path: 'store.dataSource', message }]);
