import { cookieStore, memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import type { TestDatabase } from './database.js';

type Store = NonNullable<SessionCryptoOptions['store']>;

/** Stores that keep sessions on the server: where every promise holds. */
export const SERVER_STORES: readonly [string, (database: TestDatabase) => Store][] = [
  ['memory', () => memoryStore()],
  ['postgres', (database) => typeOrmStore(database)],
];

export const ALL_STORES: typeof SERVER_STORES = [...SERVER_STORES, ['cookie', () => cookieStore()]];
