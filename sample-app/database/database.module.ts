import { Module } from '@nestjs/common';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { sessionMigration } from 'nestjs-session-crypto/typeorm';
import { appConfig, type AppConfig } from '../config/app.config.js';
import { CreateShopTables1764288000000 } from './create-shop-tables.migration.js';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { EmbeddedPostgresModule } from './embedded-postgres.module.js';

/** The server that DATABASE_URL names, else a Postgres in this process. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      imports: [EmbeddedPostgresModule],
      inject: [appConfig.KEY, EmbeddedPostgres],
      useFactory: async ({ databaseUrl: url }: AppConfig, embedded: EmbeddedPostgres) =>
        ({
          type: 'postgres',
          autoLoadEntities: true,
          migrations: [sessionMigration(), CreateShopTables1764288000000],
          migrationsRun: true,
          ...(url === undefined ? await embedded.start() : { url }),
        }) satisfies TypeOrmModuleOptions,
    }),
  ],
})
export class DatabaseModule {}
