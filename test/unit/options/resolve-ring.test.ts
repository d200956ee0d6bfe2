import { describe, expect, it } from 'vitest';
import {
  managedRing,
  memoryKeyStore,
  memoryStore,
  SessionConfigError,
  type ManagedRingOptions,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { fromExpressSession } from 'nestjs-session-crypto/migrate';
import { pgStore } from 'nestjs-session-crypto/pg';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { longestNeed } from '../../../lib/options/resolve-ring.js';

const SECRETS = ['raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE'];
const DAY = 86_400;

/** The faults of options, each as one line. */
function faultsOf(options: object): string[] {
  try {
    resolveOptions(options as SessionCryptoOptions);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(SessionConfigError);
    return (error as SessionConfigError).faults.map(({ path, message }) => `${path}: ${message}`);
  }
}

const withRing = (ring: object, more: object = {}) => ({
  crypto: {
    secrets: SECRETS,
    ring: managedRing({ store: memoryKeyStore(), ...ring } as ManagedRingOptions),
  },
  ...more,
});

describe('crypto.ring', () => {
  it('has defaults: 90 days, two days, half a minute, and as long as the longest session', () => {
    const { crypto } = resolveOptions(withRing({}) as SessionCryptoOptions);
    expect(crypto.ring).toBe('default');
    expect(crypto.managed).toMatchObject({
      rotation: 90 * DAY,
      publishLead: 2 * DAY,
      keep: undefined,
      interval: 30,
      adopt: false,
    });
  });

  it('takes a name, as a ring that is not managed', () => {
    const named = resolveOptions(withRing({ name: 'shop' }) as SessionCryptoOptions);
    expect([named.crypto.ring, named.crypto.managed !== undefined]).toEqual(['shop', true]);
    const plain = resolveOptions({ crypto: { secrets: SECRETS, ring: 'shop' } });
    expect([plain.crypto.ring, plain.crypto.managed]).toEqual(['shop', undefined]);
  });

  it('lists all faults at once, with those of all other options', () => {
    const ring = { store: undefined, rotation: 1, publishLead: '2 days', keeep: 1, interval: 61, name: 'ä' };
    const faults = faultsOf({ crypto: { secrets: [''], ring }, cookie: { lifetime: -1 } });
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual([
      'crypto.ring.rotation',
      'crypto.ring.publishLead',
      'crypto.ring.store',
      'crypto.ring.interval',
      'crypto.ring.name',
      'crypto.ring.keeep',
      'crypto.secrets[0]',
      'cookie.lifetime',
    ]);
    expect(faults.join('\n')).toContain('is "keep" meant?');
  });

  it.each([
    [
      'a rotation that is shorter than the longest session',
      { rotation: 3600, publishLead: 600 },
      {},
      'crypto.ring.rotation: is 3600, and session.absoluteTimeout is 28800',
    ],
    [
      'a rotation that is shorter than a session of a context',
      { rotation: 30_000, publishLead: 600 },
      { contexts: [{ path: '/a', session: { absoluteTimeout: 40_000 }, cookie: { name: 'a' } }] },
      'crypto.ring.rotation: is 30000, and contexts[0].session.absoluteTimeout is 40000',
    ],
    [
      'a lead that is longer than the rotation',
      { rotation: DAY },
      {},
      `crypto.ring.publishLead: is ${2 * DAY}, and crypto.ring.rotation is ${DAY}`,
    ],
    [
      'keys that go before their sessions',
      { keep: 600 },
      {},
      'crypto.ring.keep: is 600, and session.absoluteTimeout is 28800',
    ],
    [
      'sessions without an end',
      {},
      { session: { absoluteTimeout: 0, idleTimeout: 0 } },
      'crypto.ring: drops keys, and sessions have no end',
    ],
    [
      'no store',
      { store: undefined },
      {},
      'crypto.ring.store: is undefined; allowed are pgKeyStore({ pool })',
    ],
    [
      'a store of sessions',
      { store: memoryStore() },
      {},
      'a store of sessions keeps no keys: write typeOrmKeyStore()',
    ],
    [
      'a store of sessions in Postgres',
      { store: pgStore({ pool: { query: async () => ({ rows: [] }) } }) },
      {},
      'write typeOrmKeyStore() or pgKeyStore({ pool })',
    ],
  ])('refuses %s', (_, ring, more, said) => {
    expect(faultsOf(withRing(ring, more)).join('\n')).toContain(said);
  });

  it('counts the idle timeout where it alone ends sessions', () => {
    const session = { absoluteTimeout: 0, idleTimeout: 100_000 };
    expect(faultsOf(withRing({}, { session }))).toEqual([]);
    expect(faultsOf(withRing({ keep: 99_999 }, { session }))).toEqual([
      expect.stringContaining('and session.idleTimeout is 100000'),
    ]);
  });

  it.each([
    [
      {},
      'crypto.secrets: is undefined; a list of secrets is needed, which wraps the keys of the managed ring',
    ],
    [
      { secrets: [] },
      'crypto.secrets: is an empty list; at least one secret is needed, which wraps the keys',
    ],
    [{ secrets: [undefined] }, 'crypto.secrets[0]: is undefined; is the environment variable set?'],
  ])('refuses %j as secrets that wrap', (crypto, said) => {
    expect(
      faultsOf({ crypto: { ...crypto, ring: managedRing({ store: memoryKeyStore() }) } }).join(),
    ).toContain(said);
  });

  it.each([
    ['the absolute timeout', {}, 8 * 3600],
    ['a day where only the idle timeout ends sessions', { session: { absoluteTimeout: 0 } }, DAY],
    ['a long idle timeout', { session: { absoluteTimeout: 0, idleTimeout: 2 * DAY } }, 2 * DAY],
    ['a long CSRF token', { csrf: { lifetime: 3 * DAY } }, 3 * DAY],
    [
      'a long session of a context',
      { contexts: [{ path: '/a', session: { absoluteTimeout: 4 * DAY } }] },
      4 * DAY,
    ],
  ])('keeps keys for %s', (_, more, seconds) => {
    expect(longestNeed(resolveOptions(withRing({}, more) as SessionCryptoOptions))).toBe(seconds);
  });

  it('keeps keys for what was converted, which waits for its visitor until the migration ends', () => {
    const now = Date.now();
    const until = new Date(now + 30 * DAY * 1000);
    const source = fromExpressSession({
      secret: 'a secret',
      store: { get() {}, destroy() {} } as never,
      until,
    });
    const options = withRing({}, { store: memoryStore() });
    const accepting = { ...options, crypto: { ...options.crypto, accept: [source] } } as SessionCryptoOptions;
    const resolved = resolveOptions(accepting);
    expect([longestNeed(resolved, now), longestNeed(resolved, now + 40 * DAY * 1000)]).toEqual([
      30 * DAY,
      8 * 3600,
    ]);
  });

  it('says what it may be', () => {
    expect(faultsOf({ crypto: { secrets: SECRETS, ring: 7 } })).toEqual([
      'crypto.ring: is a number; allowed is a text of at most 200 printable ASCII characters, or managedRing({ store, … })',
    ]);
  });
});
