import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionRow } from 'nestjs-session-crypto';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

if (!onServer) console.log('test/postgres is left out: it needs a server, so run `npm run test:pg`');

describe.skipIf(!onServer)('a revocation', () => {
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  it('ends the only session of a subject though another process is moving it', async () => {
    const store = typeOrmStore({ dataSource: database.dataSource, table: database.table });
    await store.open(() => undefined);
    const old = rowOf('ada');
    await store.create(old);
    const moving = await beginMove(old.key, randomBytes(32));
    const revoked = store.destroySubject('ada', soon(), undefined);
    await expect.poll(waiting).toBe(1);
    await moving.commit();
    expect([await revoked, await store.count()]).toEqual([1, 0]);
  });
});

const soon = () => new Date(Date.now() + 3_600_000);

const rowOf = (subject: string): SessionRow => ({
  key: randomBytes(32),
  sealed: Buffer.of(1),
  subject,
  createdAt: new Date(),
  lastSeenAt: new Date(),
  deadline: soon(),
});

/** What `move` does, on another connection, stopped before its commit. */
async function beginMove(from: Buffer, to: Buffer) {
  const runner = (await database.connect()).createQueryRunner();
  await runner.startTransaction();
  await runner.query(
    `WITH "old" AS (UPDATE "${database.table}" SET "state" = 1, "version" = "version" + 1 WHERE "key" = $1 RETURNING *)
    INSERT INTO "${database.table}" SELECT $2, "sealed", "subject", now(), now(), "deadline", 1, 0 FROM "old"`,
    [from, to],
  );
  return {
    async commit() {
      await runner.commitTransaction();
      await runner.release();
    },
  };
}

/** How many statements on the test's table wait for a lock. */
async function waiting(): Promise<number> {
  const [{ n }] = (await database.dataSource.query(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND strpos(query, $1) > 0`,
    [database.table],
  )) as [{ n: number }];
  return n;
}
