import { describe, expect, it } from 'vitest';
import {
  cookieStore,
  memoryStore,
  OpensslDriver,
  SessionConfigError,
  type SessionCryptoOptions,
  type SessionFormat,
} from 'nestjs-session-crypto';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const PASS = 'a passphrase of the contexts';
const OTHER_PASS = 'a passphrase of one context';
const GOOD = { secrets: [PASS] };

const resolve = (contexts: unknown, options: object = {}) =>
  resolveOptions({ crypto: GOOD, ...options, contexts } as SessionCryptoOptions);

/** The options of the only context. */
const only = (context: object, options: object = {}) => resolve([context], options).contexts[0]!.options;

/** Paths and messages of all faults. */
function faultsOf(contexts: unknown, options: object = {}): [string, string][] {
  try {
    resolve(contexts, options);
    return [];
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return error.faults.map(({ path, message }) => [path, message]);
  }
}

const pathsOf = (contexts: unknown, options: object = {}) =>
  faultsOf(contexts, options).map(([path]) => path);

/** A foreign format, as far as the options look at it. */
const format = (family = 'one'): SessionFormat & { family: string } => ({
  name: 'foreign',
  family,
  check: () => [],
  sharesWith: (other) => (other as { family?: string }).family === family,
  start: () => Promise.reject(new Error('not here')),
});

describe('the place of a context', () => {
  it('is every host and path by default', () => {
    expect(resolve([{ session: { enabled: false } }]).contexts[0]).toMatchObject({
      host: [],
      path: '/',
      match: 'segments',
    });
  });

  it.each([
    ['example.com', ['example.com']],
    ['Example.COM', ['example.com']],
    [
      ['a.example', '*.B.example'],
      ['a.example', '*.b.example'],
    ],
    ['xn--bcher-kva.example', ['xn--bcher-kva.example']],
    ['localhost', ['localhost']],
    ['session_app', ['session_app']],
    ['127.0.0.1', ['127.0.0.1']],
    ['[::1]', ['[::1]']],
  ])('is at the host %j', (host, hosts) => {
    expect(resolve([{ host }]).contexts[0]!.host).toEqual(hosts);
  });

  it.each([
    '', ' ', 'example.com:80', 'example.com.', '.example.com', '*', '*.', '*.*.example', 'a*.example', 'a..b',
    'http://example.com', 'example.com/a', 'exämple.com', 'a b', 'a\n', null, 5, {}, ['a', 5], [undefined],
    [['a']], Array(1), Symbol('a'), '::1',
  ])('is refused at the host %j', (host) => {
    expect(faultsOf([{ host }])).toEqual([
      ['contexts[0].host', expect.stringMatching(/allowed is a host name without port, such as /)],
    ]);
  }); // prettier-ignore

  it.each([
    ['/a', 'segments', '/a'],
    ['/a/', 'segments', '/a'],
    ['/', 'segments', '/'],
    ['/a/', 'prefix', '/a/'],
    ['/süß x%2f', 'prefix', '/süß x%2f'],
  ])('at the path %s by %s is %s', (path, match, at) => {
    expect(resolve([{ path, match }]).contexts[0]!.path).toBe(at);
  });

  it.each([
    '', 'a', '//', '/a//b', '/a/../b', '/.', '/a?b', '/a#b', '/a\\b', '/a\0', 'http://example.com/a', '*', null, 5,
    ['/a'],
  ])('is refused at the path %j', (path) => {
    expect(faultsOf([{ path }])).toEqual([
      ['contexts[0].path', expect.stringMatching(/allowed is a decoded path that begins with \//)],
    ]);
  }); // prettier-ignore

  it('is refused with an unknown comparison', () => {
    expect(faultsOf([{ match: 'regexp' }])).toEqual([
      ['contexts[0].match', 'is "regexp"; allowed are "segments", "prefix"'],
    ]);
  });
});

describe('two contexts of one place', () => {
  it.each([
    [{ path: '/a' }, { path: '/a' }],
    [{ path: '/a' }, { path: '/a/' }],
    [{}, { path: '/' }],
    [{ host: 'a.example' }, { host: 'A.EXAMPLE' }],
    [{ host: 'a.example' }, { host: ['a.example'] }],
    [{ host: ['a.example', 'b.example'] }, { host: ['b.example', 'a.example'] }],
    [{ host: ['a.example', 'b.example'] }, { host: ['b.example', 'c.example'] }],
    [{ host: '*.a.example' }, { host: ['*.a.example', 'c.example'] }],
    [
      { path: '/a', match: 'prefix' },
      { path: '/a', match: 'prefix' },
    ],
  ])('%j and %j are refused', (first, second) => {
    expect(faultsOf([{ path: '/other' }, first, second])).toEqual([
      ['contexts[2]', 'covers the same host and path as contexts[1]; remove one of them'],
    ]);
  });

  it.each([
    [{ path: '/a' }, { path: '/A' }],
    [{ path: '/a' }, { path: '/a', match: 'prefix' }],
    [
      { path: '/a', match: 'prefix' },
      { path: '/a/', match: 'prefix' },
    ],
    [{ host: 'a.example' }, {}],
    [{ host: 'a.example' }, { host: '*.example' }],
    [
      { host: 'a.example', path: '/a' },
      { host: 'a.example', path: '/b' },
    ],
  ])('%j and %j are not', (first, second) => {
    expect(faultsOf([first, second])).toEqual([]);
  });
});

describe('a context', () => {
  const BASE = {
    crypto: { ...GOOD, tenant: 'blue', reload: { interval: 7, watch: false } },
    cookie: { sameSite: 'strict', lifetime: 60 },
    session: { idleTimeout: 600, graceTime: 5, include: ['/in'], exclude: ['/out'], onGone: 'fail' },
    cache: { limiter: 'private', expire: 9 },
    prune: { interval: 11 },
    store: memoryStore(),
  };

  it('without options of its own has those of the base, and the same keys and store', () => {
    const base = resolve([], BASE);
    const { contexts, ...all } = resolve([{ path: '/a', crypto: {}, store: undefined }], BASE);
    const { options } = contexts[0]!;
    expect(options.crypto).toBe(all.crypto);
    expect(options.store).toBe(all.store);
    for (const key of ['timeouts', 'scope', 'cache', 'prune', 'onGone', 'commitTimeout', 'load'] as const)
      expect(options[key]).toEqual(base[key]);
    expect(options.cookies.secure!.set('x')).toBe(base.cookies.secure!.set('x'));
  }); // prettier-ignore

  it('overrides the members that it names, and no other member of a group', () => {
    const options = only({ session: { idleTimeout: 300 }, cache: { expire: 1 }, cookie: { lifetime: 5 } }, BASE);
    expect(options.timeouts).toMatchObject({ idleTimeout: 300, graceTime: 5 });
    expect(options.scope).toMatchObject({ include: ['/in'], exclude: ['/out'] });
    expect(options.cache).toEqual({ limiter: 'private', expire: 1, phpHeaders: false });
    expect(options.cookies.secure!.set('x')).toMatch(/Max-Age=5;.*SameSite=Strict/);
  }); // prettier-ignore

  it('inherits the members of crypto.reload that it leaves out', () => {
    const { crypto } = only({ cookie: { name: 'own' }, crypto: { reload: { interval: 3 } } }, BASE);
    expect(crypto.reload).toEqual({ interval: 3, watch: false });
    expect(crypto.tenant).toBe('blue');
  });

  it('goes back to a default by undefined', () => {
    const options = only({ cookie: { lifetime: undefined }, session: { idleTimeout: undefined } }, BASE);
    expect(options.cookies.secure!.set('x')).not.toMatch(/Max-Age/);
    expect(options.timeouts.idleTimeout).toBe(1440);
  });

  it('never inherits secrets in the place of its own that are undefined', () => {
    expect(faultsOf([{ cookie: { name: 'own' }, crypto: { secrets: undefined } }])).toEqual([
      ['contexts[0].crypto.secrets', expect.stringMatching(/^is undefined; a list of secrets is needed/)],
    ]);
  });

  it('has a touch interval of its own idle timeout and store', () => {
    const own = { cookie: { name: 'own' }, store: cookieStore() };
    expect(only({ ...own, session: { idleTimeout: 4800 } }).timeouts.touchInterval).toBe(2400);
    expect(only({ session: { idleTimeout: 4800 } }, { store: memoryStore() }).timeouts.touchInterval).toBe(200);
  }); // prettier-ignore

  it('is frozen, and has no contexts itself', () => {
    const [context] = resolve([{ path: '/a' }]).contexts;
    expect([Object.isFrozen(context), Object.isFrozen(context!.options)]).toEqual([true, true]);
    expect(context!.options.contexts).toEqual([]);
  });

  it('has no native secrets with a foreign format, and the other way round', () => {
    const shared = { cookie: { name: 'own' } };
    const foreign = only({ ...shared, crypto: { format: format() } });
    expect([foreign.crypto.format?.name, foreign.crypto.sources]).toEqual(['foreign', []]);
    const native = only({ ...shared, crypto: { secrets: [PASS] } }, { crypto: { format: format() } });
    expect([native.crypto.format, native.crypto.sources.length]).toEqual([undefined, 1]);
  });

  it('migrates sessions to the native format only', () => {
    const until = new Date(8e12);
    const migrationSource = { cookie: { name: 'old', path: '/', domain: undefined }, until };
    const base = { crypto: { ...GOOD, accept: [{ ...format(), migrationSource }] } };
    expect(only({ cookie: { name: 'own' }, crypto: { format: format() } }, base).crypto.accept).toEqual([]);
    expect(only({ cookie: { name: 'own' }, crypto: { secrets: [PASS] } }, base).crypto.accept).toHaveLength(1);
  }); // prettier-ignore
});

describe('the cookie of a context', () => {
  const WHY = expect.stringMatching(
    /^overrides crypto, cookie or store, but has the cookie name of .*; set its own cookie\.name or crypto\.audience$/,
  ) as string;

  it.each([
    { title: 'secrets', context: { crypto: { secrets: [OTHER_PASS] } } },
    { title: 'a tenant', context: { crypto: { tenant: 'blue' } } },
    { title: 'a cipher', context: { crypto: { cipher: 'aes128' } } },
    { title: 'a new list of the same secrets', context: { crypto: { secrets: [PASS] } } },
    { title: 'a store', context: { store: memoryStore() } },
    { title: 'another store of the same kind', context: { store: cookieStore() } },
    { title: 'a cookie path', context: { cookie: { path: '/a' } } },
    { title: 'a cookie domain', context: { cookie: { name: '__Secure-sid', domain: 'example.com' } } },
    { title: 'another sameSite', context: { cookie: { sameSite: 'strict' } } },
    { title: 'httpOnly: false', context: { cookie: { httpOnly: false } } },
    { title: 'another format', context: { crypto: { format: format() } } },
  ])('is not that of the base with $title of its own', ({ context }) => {
    expect(faultsOf([{ session: { graceTime: 1 } }, { path: '/a', ...context }])).toEqual([
      ['contexts[1]', WHY],
    ]);
    expect(faultsOf([{ path: '/a', ...context }])[0]![1]).toContain('of the base options;');
  });

  it.each([
    { title: 'a name', own: { cookie: { name: 'own' } } },
    { title: 'an audience', own: { crypto: { audience: 'own' } } },
  ])('may have $title of its own', ({ own }) => {
    const crypto = { secrets: [OTHER_PASS], ...('crypto' in own && own.crypto) };
    expect(faultsOf([{ path: '/a', store: memoryStore(), ...own, crypto }])).toEqual([]);
  });

  it.each([
    { cookie: { lifetime: 60 } },
    { session: { idleTimeout: 60 } },
    { cache: { limiter: 'public' } },
    { crypto: {} },
    { crypto: { driver: undefined } },
    { crypto: { tenant: undefined } },
    { crypto: GOOD },
  ])('stays with %j', (context) => {
    expect(faultsOf([{ path: '/a', ...context }])).toEqual([]);
  });

  it('is not that of another context either', () => {
    const own = { cookie: { name: 'own' } };
    expect(
      faultsOf([
        { path: '/a', ...own, store: memoryStore() },
        { path: '/b', ...own, store: memoryStore() },
      ]),
    ).toEqual([['contexts[1]', WHY]]);
    expect(
      faultsOf([
        { path: '/a', ...own, store: memoryStore() },
        { path: '/b', ...own },
      ]),
    ).toEqual([['contexts[1]', expect.stringContaining('of contexts[0];')]]);
  });

  it('may be that of another context with the same options', () => {
    const crypto = { audience: 'own' };
    const contexts = [
      { host: 'a.example', crypto },
      { host: 'a.example', path: '/x', crypto: { ...crypto } },
    ];
    const [whole, part] = resolve([...contexts, { path: '/y', crypto: { audience: 'y' } }]).contexts;
    expect(part!.options.crypto).toBe(whole!.options.crypto);
    expect(faultsOf([contexts[0], { ...contexts[1], crypto: { ...crypto, tenant: 'blue' } }])).toEqual([
      ['contexts[1]', expect.stringContaining('of contexts[0];')],
    ]);
  });

  it('is not one that is shared on plain connections only', () => {
    expect(pathsOf([{ path: '/a', store: memoryStore(), cookie: { name: '__Secure-sid' } }])).toEqual([
      'contexts[0]',
    ]);
  });

  it('may be that of a format whose secrets are the same', () => {
    const base = { crypto: { format: format('one') } };
    expect(faultsOf([{ path: '/a', crypto: { format: format('one') } }], base)).toEqual([]);
    expect(faultsOf([{ path: '/a', crypto: { format: format('two') } }], base)).toEqual([
      ['contexts[0]', WHY],
    ]);
  });
});

describe('a wrong context', () => {
  it.each([
    { contexts: {}, path: 'contexts', says: /^is an object; allowed is a list of contexts/ },
    { contexts: 'a', path: 'contexts', says: /^is a string; allowed is a list/ },
    { contexts: [null], path: 'contexts[0]', says: /^is null; allowed is an object/ },
    { contexts: [PASS], path: 'contexts[0]', says: /^is a string; allowed is an object/ },
    { contexts: [[]], path: 'contexts[0]', says: /^is an empty array; allowed is an object/ },
    { contexts: [false], path: 'contexts[0]', says: /^is a boolean; allowed is an object/ },
    { contexts: [{ hots: 'a' }], path: 'contexts[0].hots', says: /^is unknown; is "host" meant\?/ },
    { contexts: [{ sesion: {} }], path: 'contexts[0].sesion', says: /is "session" meant\?/ },
    { contexts: [{ prune: {} }], path: 'contexts[0].prune', says: /^is unknown; known are path, match, host/ },
    { contexts: [{ contexts: [] }], path: 'contexts[0].contexts', says: /^is unknown/ },
    { contexts: [{ path: '/a' }, { session: { idleTimeuot: 1 } }], path: 'contexts[1].session.idleTimeuot', says: /is "idleTimeout" meant/ },
    { contexts: [{ crypto: null }], path: 'contexts[0].crypto', says: /^is null; allowed is an object/ },
    { contexts: [{ crypto: PASS }], path: 'contexts[0].crypto', says: /^is a string; allowed is an object/ },
    { contexts: [{ crypto: [PASS] }], path: 'contexts[0].crypto', says: /^is an array; allowed is an object/ },
    { contexts: [{ cookie: 'sid' }], path: 'contexts[0].cookie', says: /^is a string; allowed is an object/ },
    { contexts: [{ session: false }], path: 'contexts[0].session', says: /^is a boolean; allowed is an object/ },
    { contexts: [{ cache: 5 }], path: 'contexts[0].cache', says: /^is a number; allowed is an object/ },
    { contexts: [{ store: null }], path: 'contexts[0].store', says: /^is null; allowed are cookieStore\(\)/ },
    { contexts: [{ store: '' }], path: 'contexts[0].store', says: /^is an empty string; allowed are cookieStore\(\)/ },
    { contexts: [{ crypto: { driver: 'openssl' } }], path: 'contexts[0].crypto.driver', says: /^cannot be set in a context, .*; set crypto\.driver$/ },
    { contexts: [{ crypto: { driver: new OpensslDriver() } }], path: 'contexts[0].crypto.driver', says: /^cannot be set in a context/ },
    { contexts: [{ crypto: { driverParams: {} } }], path: 'contexts[0].crypto.driverParams', says: /^cannot be set in a context, .*; set crypto\.driverParams$/ },
    { contexts: [{ crypto: { driver: 5 } }], path: 'contexts[0].crypto.driver', says: /^cannot be set in a context/ },
  ])('is refused: $path', ({ contexts, path, says }) => {
    const faults = faultsOf(contexts, { store: memoryStore() });
    const own = faults.filter(([, message]) => !message.startsWith('overrides crypto'));
    expect(own).toEqual([[path, expect.stringMatching(says)]]);
  }); // prettier-ignore

  it.each([
    { crypto: { reload: null }, path: 'contexts[0].crypto.reload' },
    { crypto: { reload: [] }, path: 'contexts[0].crypto.reload' },
    { crypto: { reload: { intervall: 5 } }, path: 'contexts[0].crypto.reload.intervall' },
    { crypto: { secrets: [] }, path: 'contexts[0].crypto.secrets' },
    { crypto: { secrets: ['short'] }, path: 'contexts[0].crypto.secrets[0]' },
  ])('has the fault of $crypto at its own path', ({ crypto, path }) => {
    expect(pathsOf([{ cookie: { name: 'own' }, crypto }])).toEqual([path]);
  });

  it('accepts a hole in the list', () => {
    expect(pathsOf([, { path: '/a' }])).toEqual([]); // eslint-disable-line no-sparse-arrays
    expect(pathsOf([undefined, { path: '/b', pth: '/a' }])).toEqual(['contexts[1].pth']);
  });

  it('lists a fault of the base once', () => {
    const wrong = {
      crypto: { ...GOOD, cipher: 'aes512' },
      session: { idleTimeout: -1, include: ['a'], lod: 'eager' },
      cookie: { name: 'a b' },
      cache: { limiter: 'some' },
      prune: { interval: -1 },
      sesion: {},
    };
    const alone = faultsOf([], wrong);
    expect(alone).toHaveLength(8);
    const contexts = [{ path: '/a' }, { path: '/b', session: { graceTime: 1 }, cookie: { lifetime: 1 }, cache: { expire: 1 } }];
    expect(faultsOf(contexts, wrong)).toEqual(alone);
  }); // prettier-ignore

  it('lists a fault of the base once, even if the value is no group', () => {
    const contexts = [{ path: '/a', session: { graceTime: 1 }, cookie: { lifetime: 1 } }];
    expect(pathsOf(contexts, { session: 'x', cookie: [] })).toEqual(['cookie', 'session']);
  });

  it('lists what is wrong in each context', () => {
    const contexts = [{ session: { idleTimeout: -1 } }, { path: 'a', cookie: { name: 'a b' } }];
    expect(pathsOf(contexts)).toEqual([
      'contexts[0].session.idleTimeout',
      'contexts[1].path',
      'contexts[1].cookie.name',
      'contexts[1]',
    ]);
  });

  it('shows no secret', () => {
    const contexts = [
      { crypto: OTHER_PASS, [OTHER_PASS.slice(0, 3)]: OTHER_PASS },
      { path: '/b', crypto: { secrets: OTHER_PASS } },
      { path: '/c', crypto: { secrets: [{ passphrase: OTHER_PASS, pass: OTHER_PASS }] } },
      { path: '/d', crypto: [OTHER_PASS], store: OTHER_PASS, session: OTHER_PASS },
      OTHER_PASS,
    ];
    const told = JSON.stringify(faultsOf(contexts));
    expect(told).toMatch(/contexts\[4\]/);
    expect(told).not.toContain(OTHER_PASS);
  });
});

describe('session.include and session.exclude', () => {
  it.each(['include', 'exclude'])('%s takes a list of decoded paths', (key) => {
    expect(faultsOf([], { session: { [key]: ['/a', '/süß', '/'] } })).toEqual([]);
    expect(pathsOf([], { session: { [key]: '/a' } })).toEqual([`session.${key}`]);
    expect(pathsOf([], { session: { [key]: ['/ok', 'a', '/a//b', '/a/..', null, '/a?b'] } })).toEqual(
      [1, 2, 3, 4, 5].map((i) => `session.${key}[${i}]`),
    );
  });

  it('and enabled take nothing else', () => {
    expect(pathsOf([], { session: { enabled: 'no', match: 'glob' } })).toEqual([
      'session.enabled',
      'session.match',
    ]);
  });
});
