import {
  cookieStore,
  memoryStore,
  SessionConfigError,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { fromPhpIni } from 'nestjs-session-crypto/php';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { looksLikeMilliseconds } from '../../../lib/options/seconds.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const SECRET = `hex:${'11'.repeat(32)}`;

function faultsOf(options: object): string[] {
  try {
    resolveOptions({ crypto: { secrets: [SECRET] }, ...options } as SessionCryptoOptions);
    return [];
  } catch (error) {
    return (error as SessionConfigError).faults.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('an option of another session library', () => {
  it.each<[object, RegExp]>([
    [{ secret: 'x' }, /^secret: is unknown; .*set crypto\.secrets/],
    [{ password: 'x' }, /set crypto\.secrets/],
    [{ keys: ['x'] }, /set crypto\.secrets/],
    [{ key: 'x' }, /set crypto\.secrets/],
    [{ salt: 'x' }, /^salt: is unknown; .*set crypto\.salt/],
    [{ crypto: { secret: 'x', secrets: [SECRET] } }, /^crypto\.secret: is unknown; .*set crypto\.secrets/],
    [{ session: { secret: 'x' } }, /^session\.secret: is unknown; .*set crypto\.secrets/],
    [{ maxAge: 1 }, /^maxAge: is unknown; .*set session\.idleTimeout, in seconds/],
    [{ ttl: 1 }, /set session\.idleTimeout/],
    [{ session: { ttl: 1 } }, /^session\.ttl: is unknown; .*set session\.idleTimeout/],
    [{ session: { maxAge: 1 } }, /set session\.idleTimeout/],
    [{ expiry: 1 }, /set session\.idleTimeout/],
    [
      { cookie: { maxAge: 1000 } },
      /^cookie\.maxAge: is unknown; .*set cookie\.lifetime, in seconds; .*idleTimeout/,
    ],
    [{ cookie: { expires: new Date(0) } }, /set cookie\.lifetime/],
    [{ expires: 1 }, /^expires: is unknown; .*set cookie\.lifetime/],
    [{ saveUninitialized: false }, /an empty new session is never stored/],
    [{ session: { saveUninitialized: false } }, /an empty new session is never stored/],
    [{ resave: false }, /stored only when it was changed/],
    [{ rolling: true }, /moves its idle deadline/],
    [{ genid: () => '' }, /ids are random/],
    [{ unset: 'destroy' }, /session\.destroy\(\)/],
    [{ proxy: true }, /trust proxy/],
    [{ httpOnly: true }, /^httpOnly: is unknown; .*set cookie\.httpOnly/],
    [{ secure: true }, /set cookie\.secure/],
    [{ sameSite: 'lax' }, /set cookie\.sameSite/],
    [{ samesite: 'lax' }, /set cookie\.sameSite/],
    [{ domain: 'a.example' }, /set cookie\.domain/],
    [{ session: { cookie: {} } }, /^session\.cookie: is unknown; .*set cookie/],
    [{ session: { store: {} } }, /set store/],
    [{ session: { sameSite: 'lax' } }, /set cookie\.sameSite/],
    [{ idleTimeout: 60 }, /^idleTimeout: is unknown; .*set session\.idleTimeout/],
    [{ cookieName: 'a' }, /set cookie\.name/],
    [{ sessionName: 'a' }, /set cookie\.name/],
    [{ cookieOptions: {} }, /set cookie, a group/],
    [{ signed: true }, /always sealed or authenticated/],
    [{ cookie: { overwrite: true } }, /always sealed or authenticated/],
    [{ session: { name: 'a' } }, /set cookie\.name/],
    [{ name: 'admin' }, /forRootAsync\(\{ name, useFactory \}\).*cookie\.name/],
    [{ isGlobal: true }, /forRootAsync\(\{ isGlobal, useFactory \}\)/],
    [
      { contexts: [{ path: '/a', cookie: { name: 'a', maxAge: 1 } }] },
      /^contexts\[0\]\.cookie\.maxAge.*cookie\.lifetime/,
    ],
  ])('%j is named with ours', (options, message) => {
    const faults = faultsOf(options);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(message);
  });

  it('leaves misspelt names of ours to the nearest one', () => {
    expect(faultsOf({ cookie: { httponly: true } })).toEqual([
      'cookie.httponly: is unknown; is "httpOnly" meant?',
    ]);
    expect(faultsOf({ cookie: { sameSite: 'Lax' } })[0]).toMatch(/; is "lax" meant\?$/);
  });
});

describe('a number of milliseconds', () => {
  it.each<[object, RegExp]>([
    [
      { session: { idleTimeout: 1_800_000 } },
      /^session\.idleTimeout: is 1800000; .*milliseconds meant\? Then write 1800, else 1800001/,
    ],
    [{ session: { idleTimeout: 3_600_000 } }, /Then write 3600/],
    [{ session: { idleTimeout: 86_400_000 } }, /Then write 86400/],
    [{ session: { idleTimeout: 604_800_000 } }, /Then write 604800$/],
    [{ session: { absoluteTimeout: 28_800_000 } }, /Then write 28800/],
    [{ session: { graceTime: 60_000 } }, /Then write 60$/],
    [{ session: { commitTimeout: 5000 } }, /Then write 5$/],
    [{ cookie: { lifetime: 3_600_000 } }, /^cookie\.lifetime.*Then write 3600/],
    [{ prune: { interval: 300_000 } }, /Then write 300/],
    [
      { contexts: [{ path: '/a', session: { idleTimeout: 1_800_000 } }] },
      /^contexts\[0\]\.session\.idleTimeout.*Then write 1800/,
    ],
  ])('is taken for what it is: %j', (options, message) => {
    const faults = faultsOf(options);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(message);
  });

  it('is not seen in whole days, or in what another program has set', () => {
    for (const days of [1, 2, 5, 7, 10, 14, 25, 30, 31, 60, 90, 100, 180, 365, 400])
      expect([days, looksLikeMilliseconds(days * 86_400)]).toEqual([days, false]);
    for (const seconds of [0, 60, 900, 1440, 3600, 28_800, 86_399, 43_200, 604_800, 299_999])
      expect(looksLikeMilliseconds(seconds)).toBe(false);
    const found = fromPhpIni('session.gc_maxlifetime = 1800000\nsession.cookie_lifetime = 3600000', {
      secrets: [SECRET],
    });
    const options = { ...found, crypto: { secrets: [SECRET] } };
    expect(resolveOptions(options).timeouts.idleTimeout).toBe(1_800_000);
    const contexts = [{ path: '/a', session: { load: 'eager' as const } }];
    expect(resolveOptions({ ...options, contexts }).contexts[0]!.options.timeouts.idleTimeout).toBe(
      1_800_000,
    );
  });
});

describe('a value that is no store', () => {
  class RedisStore {
    get() {}
    set() {}
    destroy() {}
  }
  it.each<[unknown, RegExp]>([
    [cookieStore, /^store: is the function cookieStore; allowed are .*; call it: cookieStore\(\)$/],
    [memoryStore, /call it: memoryStore\(\)/],
    [typeOrmStore, /call it: typeOrmStore\(\)/],
    [
      new RedisStore(),
      /^store: is RedisStore; allowed are .*it looks like a store for express-session: put it into fromExpressStore/,
    ],
    [RedisStore, /the function RedisStore; allowed are/],
    ['memory', /^store: is a string; allowed are .*is memoryStore\(\) meant\?/],
    ['redis', /allowed are/],
    [Promise.resolve(cookieStore()), /await it first/],
    [
      new DataSource({ type: 'postgres' }),
      /is DataSource; .*a DataSource belongs into typeOrmStore\(\{ dataSource \}\)/,
    ],
    [new Map(), /is Map; allowed are/],
    [null, /is null; allowed are/],
  ])('is named with what was meant: %s', (store, message) => {
    const faults = faultsOf({ store });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(message);
  });
});
