import { DataSource, type DataSourceOptions } from 'typeorm';
import { SessionConfigError, kindOf } from '../../errors/session-config.error.js';
import type { ResolveToken } from '../session-store.interface.js';

const POSTGRES = new Set(['postgres', 'cockroachdb', 'aurora-postgres']);

/** The DataSource that an option names, and whether it is ours to close. Rejects with a SessionConfigError where the
 *  option is no DataSource, name or connection options. */
export async function resolveDataSource(
  option: unknown,
  resolve: ResolveToken,
): Promise<{ dataSource: DataSource; ours: boolean }> {
  if (option instanceof DataSource) return { dataSource: await ready(option), ours: false };
  if (option === undefined || typeof option === 'string')
    return { dataSource: await ready(await named(option, resolve)), ours: false };
  if (!isOptions(option))
    throw fault(
      `is ${kindOf(option)}; allowed are a DataSource, its name, or connection options with a type`,
    );
  refuseForeign(option.type);
  return { dataSource: await new DataSource(option).initialize(), ours: true };
}

const isOptions = (option: unknown): option is DataSourceOptions =>
  typeof option === 'object' && option !== null && 'type' in option;

async function ready(dataSource: DataSource): Promise<DataSource> {
  refuseForeign(dataSource.options.type);
  return dataSource.isInitialized ? dataSource : dataSource.initialize();
}

async function named(name: string | undefined, resolve: ResolveToken): Promise<DataSource> {
  const { getDataSourceToken } = await import('@nestjs/typeorm').catch(() => {
    throw fault('needs the package @nestjs/typeorm: npm install @nestjs/typeorm, or hand in a DataSource');
  });
  try {
    return (await resolve(getDataSourceToken(name))) as DataSource;
  } catch {
    throw fault(
      `no DataSource ${name ? `"${name}"` : 'by default'} is known; import TypeOrmModule.forRoot(), or hand one in`,
    );
  }
}

function refuseForeign(type: string): void {
  if (!POSTGRES.has(type)) throw fault(`is of type "${type}"; allowed are ${[...POSTGRES].join(', ')}`);
}

const fault = (message: string) => new SessionConfigError([{ path: 'store.dataSource', message }]);
