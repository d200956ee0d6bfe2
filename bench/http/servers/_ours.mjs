// Ours, as an application uses it: SessionService.current() in the handler, default options, but for the life of a day
// that all peers and limits have (their touch comes after an hour of it, so does ours), and but for the new id after 15 minutes, which
// no peer gives: a run is longer, and its reads would be renewals.
import { start, maxAgeMs, pgUrl, pgPool } from './_app.mjs';
import { cookieStore, SessionCryptoModule, SessionService } from '../../../dist/lib/index.js';

let sessions;
const current = () => sessions.current();
const ops = {
  read: async () => (await current()).get('n'),
  bump: async () => (await current()).increment('n'),
  create: async (_q, _s, user) => { const s = await current(); s.set('user', user); s.set('n', 100000); },
  add: async (_q, _s, k) => (await current()).set('k' + k, 1),
  keys: async () => Object.keys((await current()).all()).filter(k => /^k\d+$/.test(k)),
};

export const inCookie = () => cookieStore();
// Loaded where they are used: TypeORM alone is 11 MB of a process.
export const inPostgres = async () => {
  const { typeOrmStore } = await import('../../../dist/lib/stores/typeorm/index.js');
  return typeOrmStore({ dataSource: { type: 'postgres', url: pgUrl, poolSize: pgPool }, table: 'sess_ours' });
};
export const inPool = async () => {
  const [{ Pool }, { pgStore }] = await Promise.all([import('pg'), import('../../../dist/lib/stores/pg/index.js')]);
  return pgStore({ pool: new Pool({ connectionString: pgUrl, max: pgPool }), table: 'sess_ours' });
};

export const inRedis = async () => {
  const [{ createClient }, { redisStore }] = await Promise.all([import('redis'), import('../../../dist/lib/stores/redis/index.js')]);
  return redisStore({ client: await createClient({ url: process.env.BENCH_REDIS }).connect() });
};

const secretsOf = count => Array.from({ length: count }, (_, i) => 'hex:' + (0x11 + i).toString(16).padStart(2, '0').repeat(32));
export const sodium = { driver: 'sodium', cipher: 'chacha20' };

/** `BENCH_KEYS` is the size of the key ring. */
export const sessionModule = (store, crypto = {}) => SessionCryptoModule.forRoot({
  crypto: { secrets: secretsOf(Number(process.env.BENCH_KEYS ?? 1)), ...crypto }, session: { idleTimeout: maxAgeMs / 1000, regenerateInterval: 0 }, store,
});

export const ours = (platform, store, crypto) => start({
  platform, ops,
  imports: [sessionModule(store, crypto)],
  install: app => { sessions = app.get(SessionService); },
});
