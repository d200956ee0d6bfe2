// Stores for express-session in the types of their own packages, and ours in the place of one of theirs, checked by the three
// compilers of `npm run check:types`.
import connectPgSimple from 'connect-pg-simple';
import session, { MemoryStore, type Store } from 'express-session';
import { memoryStore } from 'nestjs-session-crypto';
import { fromExpressStore, toExpressStore, type ConnectStore } from 'nestjs-session-crypto/express';
import { fromExpressSession } from 'nestjs-session-crypto/migrate';
import type { Pool } from 'pg';

declare const pool: Pool;
/** What connect-redis and others extend. */
declare const store: Store;

const PgStore = connectPgSimple(session);
const given: ConnectStore[] = [new MemoryStore(), new PgStore({ pool }), store];
const until = new Date();

export const accepted: readonly unknown[] = [
  fromExpressStore(new MemoryStore()),
  fromExpressStore(new PgStore({ pool })),
  ...given.map((one) => fromExpressStore(one)),
  fromExpressSession({ secret: 'x', store: new PgStore({ pool }), until }),
  session({ store: toExpressStore(memoryStore()), secret: 'x' }),
];

export const refused: readonly unknown[] = [
  // @ts-expect-error: a client is no store
  fromExpressStore(pool),
  // @ts-expect-error: a store of ours is none for express-session
  session({ store: memoryStore(), secret: 'x' }),
  // @ts-expect-error: and one for express-session is none of ours
  toExpressStore(new MemoryStore()),
];
