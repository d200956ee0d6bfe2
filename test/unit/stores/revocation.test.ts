import { describe, expect, it } from 'vitest';
import {
  auditOptions,
  cookieStore,
  memoryRevocation,
  memoryStore,
  SessionConfigError,
  storeRevocation,
  type CookieStoreOptions,
} from 'nestjs-session-crypto';
import { sqlRevocation } from 'nestjs-session-crypto/pg';
import { redisRevocation } from 'nestjs-session-crypto/redis';
import { ProfileStore } from '../../../lib/manager/profile-store.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';

const query = async () => ({ rows: [] });

const faultsOf = (work: () => unknown) => {
  try {
    work();
    return [];
  } catch (error) {
    return (error as SessionConfigError).faults.map(({ path, message }) => `${path}: ${message}`);
  }
};

describe('a source of revocations', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['no pool', () => sqlRevocation({}), /^store\.revocation\.pool: is undefined; allowed are a pool of pg/],
    [
      'a pool and a query',
      () => sqlRevocation({ query, pool: query }),
      /^store\.revocation\.query: and .*pool are both set/,
    ],
    [
      'an unknown option',
      () => sqlRevocation({ query, tabel: 'x' } as never),
      /^sqlRevocation\(\)\.tabel: is unknown; is "table" meant/,
    ],
    [
      'no client',
      () => redisRevocation({ client: 'redis://x' as never }),
      /^store\.revocation\.client: is a string/,
    ],
    [
      'a wrong word',
      () => memoryRevocation({ generations: 'yes' as never }),
      /^store\.revocation\.generations: is a string; allowed are true, false/,
    ],
    [
      'an unguarded store',
      () => storeRevocation(Object.assign(memoryStore(), { guarded: false })),
      /^store\.revocation\.store: is MemoryStore; allowed is .* compares versions/,
    ],
    [
      'no source',
      () => cookieStore({ revocation: memoryStore() as never }),
      /^store\.revocation: is MemoryStore; allowed are sqlRevocation/,
    ],
    [
      'replay accepted too',
      () => cookieStore({ acceptReplay: true, revocation: memoryRevocation() }),
      /^store\.revocation: prevents the replay/,
    ],
  ])('names the option and the remedy for %s', (_, work, message) => {
    expect(faultsOf(work)).toEqual([expect.stringMatching(message)]);
  });

  it('stops the start in production where it is in the memory of one process', async () => {
    const store = cookieStore({ revocation: memoryRevocation() });
    const options = resolveOptions({ crypto: { secrets: [`hex:${'11'.repeat(32)}`] }, store });
    const opened = new ProfileStore('default', options, new SessionEvents(), [options.timeouts]);
    const { NODE_ENV } = process.env;
    process.env['NODE_ENV'] = 'production';
    try {
      await expect(
        opened.open(
          () => undefined,
          () => undefined,
        ),
      ).rejects.toThrow(/ {2}- store\.revocation: memoryStore\(\) loses/);
    } finally {
      process.env['NODE_ENV'] = NODE_ENV;
    }
  });

  it('is judged by what its store reports of itself', () => {
    const finding = {
      path: 'store',
      level: 'danger',
      code: 'redis-eviction',
      message: 'm',
      value: 'v',
    } as const;
    const audit = () => [{ ...finding, recommended: 'r', remedy: 'do', source: 's' }];
    const revocation = storeRevocation(Object.assign(memoryStore(), { audit }));
    const given = { crypto: { secrets: [`hex:${'11'.repeat(32)}`] }, store: cookieStore({ revocation }) };
    const row = auditOptions(given).find(({ code }) => code === 'redis-eviction');
    expect(row).toMatchObject({ setting: 'store.revocation', verdict: 'broken' });
  });

  it('is what the audit asks for, and what makes servers differ', () => {
    const rowsOf = (options: CookieStoreOptions) => {
      const given = { crypto: { secrets: [`hex:${'11'.repeat(32)}`] }, store: cookieStore(options) };
      return new Map(auditOptions(given, { production: true }).map((row) => [row.code, row]));
    };
    const [plain, revocable] = [rowsOf({}), rowsOf({ revocation: sqlRevocation({ query }) })];
    expect(
      ['replayable', 'no-revocation', 'store-down', 'no-prune'].map((code) => plain.get(code)?.verdict),
    ).toEqual(['weak', 'weak', undefined, undefined]);
    expect(
      ['replayable', 'no-revocation', 'store-down', 'no-prune'].map((code) => revocable.get(code)?.verdict),
    ).toEqual(['ok', 'choose', 'ok', 'ok']);
    expect(revocable.get('equal-parameters')?.value).not.toBe(plain.get('equal-parameters')?.value);
  });
});
