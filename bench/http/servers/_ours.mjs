// Ours, as an application uses it: SessionService.current() in the handler, default options, but for the life of a day
// that all peers and limits have (their touch comes after an hour of it, so does ours).
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

export const ours = (platform, store) => start({
  platform, ops,
  imports: [SessionCryptoModule.forRoot({ crypto: { secrets: ['hex:' + '11'.repeat(32)] }, session: { idleTimeout: maxAgeMs / 1000 }, store })],
  install: app => { sessions = app.get(SessionService); },
});
