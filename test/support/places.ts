import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { cookieStore, memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { apache, dbdStore, dbdTableSql } from 'nestjs-session-crypto/apache';
import { fileStore } from 'nestjs-session-crypto/php';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { temporaryFolder } from './cleanup.js';
import { testDatabase, type TestDatabase } from './database.js';
import { SECRET } from './test-app.js';

/** A place where sessions wait, and what it can promise. */
export interface Place {
  readonly name: string;
  /** Name of the cookie over a secure connection. */
  readonly cookie: string;
  /** An ended session is ended for everybody who has its cookie. */
  readonly onServer: boolean;
  /** The id changes by itself, and the old one leads to the new one for the grace time. */
  readonly renews: boolean;
  /** Options of a store without sessions. Call it in a test, or in its `beforeEach`. */
  options(): Promise<Partial<SessionCryptoOptions>>;
}

type MakeStore = () => SessionCryptoOptions['store'] | Promise<SessionCryptoOptions['store']>;

const PASSPHRASE = 'a passphrase that is long enough';

const native = (name: string, store: MakeStore, onServer = true): Place => ({
  name,
  cookie: '__Host-sid',
  onServer,
  renews: onServer,
  options: async () => ({ crypto: { secrets: [SECRET] }, store: await store() }),
});

const ofApache = (name: string, store: MakeStore, onServer: boolean): Place => ({
  name,
  cookie: 'session',
  onServer,
  renews: false,
  options: async () => ({
    crypto: { format: apache({ secrets: [PASSPHRASE] }) },
    cookie: { name: 'session' },
    store: await store(),
  }),
});

/** Returns every place where sessions can wait: all stores and dialects. Call it at the top of a test file. */
export function everyPlace(): readonly Place[] {
  const table = `dbd_${randomUUID().slice(0, 8)}`;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    for (const sql of dbdTableSql({ table })) await database.dataSource.query(sql);
  });
  afterAll(async () => {
    await database.dataSource.query(`DROP TABLE "${table}"`);
    await database.close();
  });
  const shared = async () =>
    fileStore({ path: await temporaryFolder(), sharedUnsealed: { serializer: 'php' } });
  return [
    native('cookie', () => cookieStore(), false),
    native('memory', () => memoryStore()),
    native('postgres', () => typeOrmStore(database)),
    native('file', async () => fileStore({ path: await temporaryFolder() })),
    { ...native('shared PHP file', shared), cookie: 'PHPSESSID', renews: false },
    ofApache('apache cookie', () => cookieStore(), false),
    ofApache('apache table', () => dbdStore({ dataSource: database.dataSource, table }), true),
  ];
}
