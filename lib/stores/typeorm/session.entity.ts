import { EntitySchema } from 'typeorm';
import { DEFAULT_TABLE, type SessionTable } from './session-table.js';

/** A session row as TypeORM's own tools see it. It is for administration; requests use {@link TypeOrmStore}. */
export interface SessionEntity {
  /** SHA-256 of the token. */
  key: Buffer;
  /** The envelope. Never change it: a changed envelope does not open. */
  sealed: Buffer;
  subject: string | null;
  createdAt: Date;
  lastSeenAt: Date;
  deadline: Date;
  version: number;
  /** 0: live. 1: moved. 2: ended. */
  state: number;
}

/** Returns the table as an EntitySchema, so that TypeORM can generate migrations and list rows beside the application's own
 *  entities. */
export function sessionEntity({
  table = DEFAULT_TABLE,
  schema,
}: SessionTable = {}): EntitySchema<SessionEntity> {
  return new EntitySchema<SessionEntity>({
    name: `SessionCrypto_${schema ?? ''}_${table}`,
    tableName: table,
    schema,
    columns: {
      key: { type: 'bytea', primary: true, primaryKeyConstraintName: `${table}_pkey` },
      sealed: { type: 'bytea' },
      subject: { type: 'text', nullable: true },
      createdAt: { name: 'created_at', type: 'timestamptz' },
      lastSeenAt: { name: 'last_seen_at', type: 'timestamptz' },
      deadline: { type: 'timestamptz' },
      version: { type: 'int4' },
      state: { type: 'int2' },
    },
    indices: [
      { name: `${table}_deadline_idx`, columns: ['deadline'] },
      { name: `${table}_subject_idx`, columns: ['subject'], where: '"subject" IS NOT NULL' },
    ],
  });
}
