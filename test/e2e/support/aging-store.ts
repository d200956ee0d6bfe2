import { memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanUp } from '../../support/cleanup.js';
import type { TestDatabase } from '../../support/database.js';

/** A store on the server, and a way to remove what will have expired in a number of seconds. */
export interface AgingStore {
  readonly store: NonNullable<SessionCryptoOptions['store']>;
  pruneAsOf(ahead: number): Promise<void>;
}

/** Every store of ours on the server. */
export const AGING_STORES: readonly [string, (database: TestDatabase) => AgingStore][] = [
  ['memory', () => withClock((now) => memoryStore({ now }))],
  ['postgres', agingPostgres],
  ['files', () => withClock((now) => fileStore({ path: folder(), now }))],
];

type PrunedStore = AgingStore['store'] & { prune(): Promise<number> };

function withClock(make: (now: () => Date) => PrunedStore): AgingStore {
  let ahead = 0;
  const store = make(() => new Date(Date.now() + ahead * 1000));
  return {
    store,
    async pruneAsOf(seconds) {
      ahead = seconds;
      await store.prune();
      ahead = 0;
    },
  };
}

function agingPostgres({ dataSource, table }: TestDatabase): AgingStore {
  return {
    store: typeOrmStore({ dataSource, table }),
    async pruneAsOf(seconds) {
      const expired = `"deadline" <= now() + $1::float8 * interval '1 second'`;
      await dataSource.query(`DELETE FROM "${table}" WHERE ${expired}`, [seconds]);
    },
  };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'session-crypto-'));
  cleanUp(async () => rmSync(path, { recursive: true, force: true }));
  return path;
}
