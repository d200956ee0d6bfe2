import { describe, expect, it } from 'vitest';
import { cookieStore, memoryStore, SessionConfigError } from 'nestjs-session-crypto';
import type { RememberMeOptions } from '../../../lib/remember-me/index.js';
import { checkBeside, resolveRememberMe } from '../../../lib/remember-me/resolve-remember-me.js';

const store = memoryStore();
const resolve = (options: object = {}, session = 'default') =>
  resolveRememberMe({ store, ...options } as RememberMeOptions, session);

function faultsOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (error instanceof SessionConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('the options of remember-me', () => {
  it('have safe defaults', () => {
    const { cookies, times, onTheft, pruneInterval } = resolve();
    expect(cookies.secure?.set('x')).toBe(
      '__Host-remember=x; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Lax; Priority=High',
    );
    expect(cookies.plain?.name).toBe('remember');
    expect(cookies.plainOnLoopbackOnly).toBe(true);
    expect(times).toEqual({ lifetime: 2_592_000, graceTime: 60, rolling: false });
    expect([onTheft, pruneInterval]).toEqual(['end', 3600]);
  });

  it.each([
    [{}, 'admin', '__Host-remember-admin', 'remember-admin'],
    [{ path: '/shop' }, 'default', '__Secure-remember', 'remember'],
    [{ domain: 'example.com' }, 'default', '__Secure-remember', 'remember'],
    [{ secure: false }, 'default', undefined, 'remember'],
    [{ secure: true }, 'default', '__Host-remember', undefined],
    [{ name: '__Host-stay' }, 'default', '__Host-stay', 'stay'],
  ])('%j of session "%s" name the cookies %s and %s', (cookie, session, secure, plain) => {
    const { cookies } = resolve({ cookie }, session);
    expect([cookies.secure?.name, cookies.plain?.name]).toEqual([secure, plain]);
  });

  it('list every fault at once, with its path', () => {
    const wrong = {
      store: cookieStore(),
      cookie: { name: '__Host-x', domain: 'example.com', lifetime: 0, sameSte: 'lax' },
      graceTime: -1,
      rolling: 'yes',
      onTheft: 'panic',
      pruneIntervall: 3,
    };
    const faults = faultsOf(() => resolve(wrong));
    expect(faults.map(({ path }) => path)).toEqual([
      'rememberMe.cookie.sameSte',
      'rememberMe.cookie.name',
      'rememberMe.cookie.lifetime',
      'rememberMe.store',
      'rememberMe.graceTime',
      'rememberMe.rolling',
      'rememberMe.onTheft',
      'rememberMe.pruneIntervall',
    ]);
    expect(faults[3]!.message).toContain("typeOrmStore({ table: 'remember_me' })");
  });

  it.each([
    [{ cookie: 'remember' }, 'rememberMe.cookie'],
    [{ cookie: { lifetime: 34_560_001 } }, 'rememberMe.cookie.lifetime'],
    [{ store: undefined }, 'rememberMe.store'],
    [{ store: Object.assign(Object.create(store) as object, { guarded: false }) }, 'rememberMe.store'],
  ])('%# are refused', (options, path) => {
    expect(faultsOf(() => resolve(options)).map((fault) => fault.path)).toEqual([path]);
  });
});

describe('the check against the sessions', () => {
  const beside = {
    name: 'default',
    stores: [{ kind: 'cookie' }],
    cookieNames: ['__Host-sid', 'sid'],
    hasEnvelope: true,
  };
  const check = (more: object, options: object = {}) =>
    faultsOf(() => checkBeside(resolve(options), { ...beside, ...more })).map(({ path }) => path);

  it('demands a table and a cookie of its own, and native keys', () => {
    expect(check({})).toEqual([]);
    expect(check({ stores: [memoryStore()] })).toEqual([]);
    expect(check({ stores: [store] })).toEqual(['rememberMe.store']);
    expect(check({ cookieNames: ['remember'] })).toEqual(['rememberMe.cookie.name']);
    expect(check({ hasEnvelope: false })).toEqual(['rememberMe.session']);
  });

  it('demands another table if both are in Postgres', () => {
    const postgres = (name: string) =>
      Object.assign(Object.create(memoryStore()) as object, { kind: 'postgres', name });
    const options = { store: postgres('session') };
    expect(check({ stores: [postgres('session')] }, options)).toEqual(['rememberMe.store']);
    expect(check({ stores: [postgres('other')] }, options)).toEqual([]);
  });
});
