import { DataSource } from 'typeorm';
import type { SessionStore } from 'nestjs-session-crypto';
import { sessionEntity, sessionMigration, typeOrmStore } from 'nestjs-session-crypto/typeorm';

export const dataSource = new DataSource({
  type: 'postgres',
  entities: [sessionEntity()],
  migrations: [sessionMigration()],
});
export const store: SessionStore = typeOrmStore({ dataSource });
