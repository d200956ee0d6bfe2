import { EntitySchema } from 'typeorm';
import { checkLayout, type SessionTableLayout } from '../sql/partitions.js';
import { HAS_SUBJECT, placeOnly } from '../sql/session-table.js';
import { checkTable, DEFAULT_TABLE, entityName } from '../sql/table-place.js';

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
 *  entities. TypeORM itself adds the schema and prefix of the DataSource, and it names key and indexes. It knows no partitions,
 *  and leaves those of the table as they are. */
export function sessionEntity(where: SessionTableLayout = {}): EntitySchema<SessionEntity> {
  checkLayout('sessionEntity()', where);
  checkTable('sessionEntity()', placeOnly(where));
  const { table = DEFAULT_TABLE, schema } = where;
  return new EntitySchema<SessionEntity>({
    name: entityName(where),
    tableName: table,
    ...(schema ? { schema } : {}),
    columns: {
      key: { type: 'bytea', primary: true },
      sealed: { type: 'bytea' },
      subject: { type: 'text', nullable: true },
      createdAt: { name: 'created_at', type: 'timestamptz' },
      lastSeenAt: { name: 'last_seen_at', type: 'timestamptz' },
      deadline: { type: 'timestamptz' },
      version: { type: 'int4' },
      state: { type: 'int2' },
    },
    indices: [{ columns: ['deadline'] }, { columns: ['subject'], where: HAS_SUBJECT }],
  });
}
