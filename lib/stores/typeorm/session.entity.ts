import { EntitySchema } from 'typeorm';
import { DEFAULT_TABLE, type SessionTable } from './session-table.js';

/** A row as TypeORM's own tools see it: for administration, never for the request's path. */
export interface SessionEntity {
  key: Buffer;
  sealed: Buffer;
  subject: string | null;
  createdAt: Date;
  lastSeenAt: Date;
  deadline: Date;
  version: number;
  state: number;
}

/** The table as an EntitySchema, so that migrations can be generated and rows be listed beside the app's own. */
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
