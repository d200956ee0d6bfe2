import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { sessionMigration } from 'nestjs-session-crypto/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { dataFolder } from '../config/data-folder.js';
import { EmbeddedDataSource } from './embedded.data-source.js';

const OPTIONS = {
  type: 'postgres',
  migrations: [sessionMigration()],
  migrationsRun: true,
} satisfies DataSourceOptions;

/** The server that DATABASE_URL names, else a Postgres in this process with its tables in the data folder. */
@Module({})
export class DatabaseModule {
  static forRoot({ DATABASE_URL: url, ...env }: NodeJS.ProcessEnv = process.env): DynamicModule {
    const dataSourceFactory = async () =>
      url ? new DataSource({ ...OPTIONS, url }) : EmbeddedDataSource.open(OPTIONS, dataFolder(env));
    const imports = [
      TypeOrmModule.forRootAsync({
        useFactory: () => ({ ...OPTIONS, toRetry: () => url !== undefined }),
        dataSourceFactory,
      }),
    ];
    return { module: DatabaseModule, imports };
  }
}
