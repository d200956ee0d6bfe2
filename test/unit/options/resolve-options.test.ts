import { describe, expect, it } from 'vitest';
import {
  memoryStore,
  OpensslDriver,
  SessionConfigError,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

const PASS = 'a passphrase of the options';
const GOOD = { secrets: [PASS] };

const resolve = (options: object) => resolveOptions({ crypto: GOOD, ...options } as SessionCryptoOptions);

function faultsOf(options: unknown) {
  try {
    resolveOptions(options as SessionCryptoOptions);
  } catch (error) {
    if (error instanceof SessionConfigError) return error.faults;
    throw error;
  }
  return [];
}

interface Row {
  /** They replace groups of the smallest correct options. */
  readonly options: Record<string, unknown>;
  readonly path: string;
  readonly says: RegExp;
}

const crypto = (options: object) => ({ crypto: { ...GOOD, ...options } });
const secret = (option: unknown) => ({ crypto: { secrets: [option] } });

const CRYPTO: Row[] = [
  {
    options: { crypto: undefined },
    path: 'crypto.secrets',
    says: /^is undefined; a list of secrets is needed/,
  },
  { options: { crypto: PASS }, path: 'crypto', says: /^is a string; allowed is an object/ },
  { options: { crypto: [PASS] }, path: 'crypto', says: /^is an array; allowed is an object/ },
  { options: { crypto: {} }, path: 'crypto.secrets', says: /^is undefined; a list/ },
  { options: { crypto: { secrets: PASS } }, path: 'crypto.secrets', says: /^is a string; a list/ },
  { options: { crypto: { secrets: [] } }, path: 'crypto.secrets', says: /^is an empty list; at least one/ },
  {
    options: secret(undefined),
    path: 'crypto.secrets[0]',
    says: /^is undefined; is the environment variable set/,
  },
  { options: secret(''), path: 'crypto.secrets[0]', says: /^is empty; is the environment variable set/ },
  {
    options: secret('too short'),
    path: 'crypto.secrets[0]',
    says: /^is a passphrase of 9 bytes; at least 16 are needed/,
  },
  { options: secret('hex:00'), path: 'crypto.secrets[0]', says: /^is not 32 bytes in hex/ },
  { options: secret(Buffer.alloc(31)), path: 'crypto.secrets[0]', says: /^is a key of 31 bytes; exactly 32/ },
  {
    options: secret({ passphrase: 5 }),
    path: 'crypto.secrets[0].passphrase',
    says: /^is a number; allowed are text and bytes/,
  },
  {
    options: secret({ exec: [] }),
    path: 'crypto.secrets[0].exec',
    says: /^is an empty array; allowed is a program/,
  },
  {
    options: secret('exec:'),
    path: 'crypto.secrets[0].exec',
    says: /^is an empty array; allowed is a program/,
  },
  {
    options: secret('file:'),
    path: 'crypto.secrets[0].file',
    says: /^is an empty string; allowed is the name/,
  },
  {
    options: { crypto: { secrets: [PASS, null] } },
    path: 'crypto.secrets[1]',
    says: /^is null; allowed are/,
  },
  {
    options: crypto({ cipher: 'aes512' }),
    path: 'crypto.cipher',
    says: /^"aes512" is unknown to driver "openssl"; it has aes256, chacha20, aes128$/,
  },
  { options: crypto({ cipher: 'aes192' }), path: 'crypto.cipher', says: /exists in the Apache format only/ },
  { options: crypto({ cipher: '3des192' }), path: 'crypto.cipher', says: /exists in the Apache format only/ },
  { options: crypto({ cipher: 256 }), path: 'crypto.cipher', says: /^a number is unknown/ },
  {
    options: crypto({ acceptCiphers: 'aes128' }),
    path: 'crypto.acceptCiphers',
    says: /^is a string; allowed is a list/,
  },
  {
    options: crypto({ acceptCiphers: ['aes128', 'rot13'] }),
    path: 'crypto.acceptCiphers[1]',
    says: /^"rot13" is unknown/,
  },
  {
    options: crypto({ driver: 'opensll' }),
    path: 'crypto.driver',
    says: /^"opensll" is unknown; there are openssl\b.*, or an object .*; is "openssl" meant\?$/,
  },
  { options: crypto({ driver: { name: 'mine' } }), path: 'crypto.driver', says: /^an object is unknown/ },
  {
    options: crypto({ ring: 5 }),
    path: 'crypto.ring',
    says: /^is a number; allowed is a text of at most 200 printable ASCII/,
  },
  { options: crypto({ ring: 'a\0b' }), path: 'crypto.ring', says: /printable ASCII/ },
  { options: crypto({ salt: 'x'.repeat(201) }), path: 'crypto.salt', says: /at most 200/ },
  { options: crypto({ tenant: 'grün' }), path: 'crypto.tenant', says: /printable ASCII/ },
  { options: crypto({ audience: ['a'] }), path: 'crypto.audience', says: /^is an array/ },
  {
    options: crypto({ keyCache: -1 }),
    path: 'crypto.keyCache',
    says: /^is -1; allowed is a whole number of entries from 0 to 1000000/,
  },
  { options: crypto({ reload: 5 }), path: 'crypto.reload', says: /^is a number; allowed is an object/ },
  {
    options: crypto({ reload: { interval: 0.5 } }),
    path: 'crypto.reload.interval',
    says: /^is 0.5; allowed is a whole number of seconds/,
  },
  {
    options: crypto({ reload: { watch: 'yes' } }),
    path: 'crypto.reload.watch',
    says: /^is "yes"; allowed are true, false/,
  },
  {
    options: crypto({ reload: { signal: 'HUP' } }),
    path: 'crypto.reload.signal',
    says: /^is "HUP"; allowed is the name of a signal that a process can catch, such as "SIGHUP"/,
  },
  {
    options: crypto({ reload: { signal: 'SIGHUB' } }),
    path: 'crypto.reload.signal',
    says: /^is "SIGHUB".*; is "SIGHUP" meant\?$/,
  },
  { options: crypto({ reload: { signal: 'SIGKILL' } }), path: 'crypto.reload.signal', says: /^is "SIGKILL"/ },
];

const COOKIE: Row[] = [
  { options: { cookie: 'sid' }, path: 'cookie', says: /^is a string; allowed is an object/ },
  {
    options: { cookie: { name: '' } },
    path: 'cookie.name',
    says: /^is an empty string; allowed is a cookie name/,
  },
  { options: { cookie: { name: 'a b' } }, path: 'cookie.name', says: /^is "a b"; allowed is a cookie name/ },
  { options: { cookie: { name: 'a=b' } }, path: 'cookie.name', says: /cookie name/ },
  { options: { cookie: { name: 'sid\r\nSet-Cookie: x' } }, path: 'cookie.name', says: /cookie name/ },
  {
    options: { cookie: { domain: 'a;b' } },
    path: 'cookie.domain',
    says: /^is "a;b"; allowed is a domain name/,
  },
  { options: { cookie: { domain: 'https://a.example' } }, path: 'cookie.domain', says: /domain name/ },
  { options: { cookie: { path: 'app' } }, path: 'cookie.path', says: /begins with \// },
  { options: { cookie: { path: '/a;b' } }, path: 'cookie.path', says: /no semicolon/ },
  {
    options: { cookie: { secure: 'yes' } },
    path: 'cookie.secure',
    says: /^is "yes"; allowed are "auto", true, false/,
  },
  {
    options: { cookie: { httpOnly: 1 } },
    path: 'cookie.httpOnly',
    says: /^is a number; allowed are true, false/,
  },
  {
    options: { cookie: { sameSite: 'Lax' } },
    path: 'cookie.sameSite',
    says: /^is "Lax"; allowed are "strict", "lax", "none"; is "lax" meant\?$/,
  },
  {
    options: { cookie: { partitioned: 'yes' } },
    path: 'cookie.partitioned',
    says: /allowed are true, false/,
  },
  {
    options: { cookie: { priority: 'top' } },
    path: 'cookie.priority',
    says: /allowed are "low", "medium", "high"/,
  },
  { options: { cookie: { lifetime: 34_560_001 } }, path: 'cookie.lifetime', says: /from 0 to 34560000/ },
  {
    options: { cookie: { secure: false, sameSite: 'none' } },
    path: 'cookie.sameSite',
    says: /^"none" needs a secure cookie; remove cookie\.secure: false/,
  },
  {
    options: { cookie: { secure: false, partitioned: true } },
    path: 'cookie.partitioned',
    says: /^needs a secure cookie/,
  },
  {
    options: { cookie: { name: '__Host-x', domain: 'a.example' } },
    path: 'cookie.name',
    says: /^begins with __Host-, which allows no domain/,
  },
  {
    options: { cookie: { name: '__Host-x', path: '/app' } },
    path: 'cookie.name',
    says: /needs cookie\.path: "\/"/,
  },
  {
    options: { cookie: { name: '__host-x', path: '/app' } },
    path: 'cookie.name',
    says: /^begins with __host-, which needs cookie\.path/,
  },
  {
    options: { cookie: { name: '__Host-x', secure: false } },
    path: 'cookie.name',
    says: /needs a secure cookie/,
  },
  {
    options: { cookie: { name: '__Secure-x', secure: false } },
    path: 'cookie.name',
    says: /^begins with __Secure-, which needs a secure cookie/,
  },
  {
    options: { cookie: { name: '__Http-x', httpOnly: false } },
    path: 'cookie.name',
    says: /^begins with __Http-, which needs cookie\.httpOnly: true/,
  },
  {
    options: { cookie: { name: '__Host-Http-x', httpOnly: false } },
    path: 'cookie.name',
    says: /^begins with __Host-Http-, which needs cookie\.httpOnly: true/,
  },
  {
    options: { cookie: { name: '__Host-Http-x', path: '/app' } },
    path: 'cookie.name',
    says: /^begins with __Host-Http-, which needs cookie\.path/,
  },
];

const OTHERS: Row[] = [
  { options: { session: 5 }, path: 'session', says: /^is a number; allowed is an object/ },
  {
    options: { session: { idleTimeout: '1440' } },
    path: 'session.idleTimeout',
    says: /^is a string; allowed is a whole number of seconds from 0 to 315360000/,
  },
  { options: { session: { idleTimeout: Number.NaN } }, path: 'session.idleTimeout', says: /^is NaN/ },
  { options: { session: { absoluteTimeout: -5 } }, path: 'session.absoluteTimeout', says: /^is -5/ },
  {
    options: { session: { regenerateInterval: 1e12 } },
    path: 'session.regenerateInterval',
    says: /^is 1000000000000/,
  },
  { options: { session: { graceTime: 3601 } }, path: 'session.graceTime', says: /from 0 to 3600/ },
  {
    options: { cookie: { lifetime: 60 }, session: { touchInterval: 61 } },
    path: 'session.touchInterval',
    says: /^is 61, and cookie\.lifetime is 60: browsers would drop the cookie while its session is used; /,
  },
  {
    options: { session: { idleTimeout: 60, touchInterval: 60 } },
    path: 'session.touchInterval',
    says: /sessions would end while they are used; make touchInterval smaller$/,
  },
  { options: { session: { load: 'soon' } }, path: 'session.load', says: /"lazy", "eager"/ },
  { options: { session: { onConflict: 'x' } }, path: 'session.onConflict', says: /"last-wins", "reject"/ },
  { options: { session: { onGone: 'x' } }, path: 'session.onGone', says: /"drop", "fail"/ },
  { options: { session: { onStoreDown: 'x' } }, path: 'session.onStoreDown', says: /"fail", "anonymous"/ },
  { options: { session: { onReuse: 'x' } }, path: 'session.onReuse', says: /"event", "end"/ },
  {
    options: { session: { payloadLimit: 63 } },
    path: 'session.payloadLimit',
    says: /bytes from 64 to 67108864/,
  },
  { options: { session: { commitTimeout: 0 } }, path: 'session.commitTimeout', says: /from 1 to 600/ },
  {
    options: { session: { heldBody: '16mb' } },
    path: 'session.heldBody',
    says: /is a string; allowed is a whole number of bytes from 65536 to 1073741824/,
  },
  {
    options: { session: { heldBody: 131_072, heldBodyTotal: 65_536 } },
    path: 'session.heldBodyTotal',
    says: /is 65536, and session.heldBody is 131072: .* make heldBody smaller or heldBodyTotal larger/,
  },
  {
    options: { session: { heldBodyTotals: 1 } },
    path: 'session.heldBodyTotals',
    says: /is "heldBodyTotal" meant/,
  },
  {
    options: { store: 'postgres' },
    path: 'store',
    says: /^is a string; allowed are cookieStore\(\), memoryStore\(\)/,
  },
  { options: { store: null }, path: 'store', says: /^is null/ },
  { options: { store: { load: () => undefined } }, path: 'store', says: /methods of SessionStore/ },
  { options: { cache: { limiter: 'never' } }, path: 'cache.limiter', says: /"nocache"/ },
  { options: { cache: { expire: -1 } }, path: 'cache.expire', says: /minutes/ },
  { options: { prune: { interval: -1 } }, path: 'prune.interval', says: /seconds/ },
];

const UNKNOWN: Row[] = [
  { options: { cokie: {} }, path: 'cokie', says: /^is unknown; is "cookie" meant\?$/ },
  { options: { secrets: [PASS] }, path: 'secrets', says: /^is unknown; / },
  { options: crypto({ chiper: 'aes256' }), path: 'crypto.chiper', says: /is "cipher" meant\?/ },
  {
    options: crypto({ passphrase: PASS }),
    path: 'crypto.passphrase',
    says: /^is unknown; known are .*secrets/,
  },
  {
    options: crypto({ reload: { intervall: 5 } }),
    path: 'crypto.reload.intervall',
    says: /is "interval" meant\?/,
  },
  { options: { cookie: { samesite: 'lax' } }, path: 'cookie.samesite', says: /is "sameSite" meant\?/ },
  { options: { cookie: { maxAge: 5 } }, path: 'cookie.maxAge', says: /^is unknown; known are .*lifetime/ },
  {
    options: { session: { idle_timeout: 5 } },
    path: 'session.idle_timeout',
    says: /is "idleTimeout" meant\?/,
  },
  { options: { cache: { limitter: 'public' } }, path: 'cache.limitter', says: /is "limiter" meant\?/ },
  { options: { prune: { intervals: 5 } }, path: 'prune.intervals', says: /is "interval" meant\?/ },
];

const rows = [...CRYPTO, ...COOKIE, ...OTHERS, ...UNKNOWN].map((row) => ({
  ...row,
  shown: `${row.path} ${row.says.source}`,
}));

describe('resolveOptions', () => {
  it.each(rows)('adds the fault $shown', ({ options, path, says }) => {
    const faults = faultsOf({ crypto: GOOD, ...options });
    expect(faults.filter((fault) => fault.path === path)).toEqual([
      { path, message: expect.stringMatching(says) },
    ]);
    expect(faults.every((fault) => !fault.message.includes(PASS))).toBe(true);
  });

  it('lists every fault at once, not the first alone', () => {
    const wrong = {
      crypto: { secrets: [undefined, 'short'], cipher: 'x' },
      cookie: { path: 'x', nam: 'x' },
      session: { load: 'x' },
      store: 5,
      cache: { expire: 'x' },
      prune: { interval: 'x' },
      more: 1,
    };
    expect(
      faultsOf(wrong)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(
      [
        'crypto.secrets[0]',
        'crypto.secrets[1]',
        'crypto.cipher',
        'cookie.path',
        'cookie.nam',
        'session.load',
        'store',
        'cache.expire',
        'prune.interval',
        'more',
      ].toSorted(),
    );
  });

  it.each([undefined, null, 5, PASS, []])('treats %s as empty options, and names the secrets', (options) => {
    const faults = faultsOf(options);
    expect(faults.map(({ path }) => path)).toContain('crypto.secrets');
    expect(JSON.stringify(faults)).not.toContain(PASS);
  });

  it('needs secrets only, and has the defaults of docs/options.md', () => {
    const { crypto, cookies, ...rest } = resolve({});
    expect(crypto).toMatchObject({
      suite: { cipher: 'aes256' },
      ring: 'default',
      salt: '',
      tenant: '',
      audience: '',
      keyCache: 1000,
      reload: { interval: 300, watch: true },
    });
    expect(crypto.driver).toMatchObject({ name: 'openssl', description: 'openssl' });
    expect(crypto.accepted.map(({ cipher }) => cipher)).toEqual(['aes256']);
    expect(cookies.secure?.set('x')).toBe(
      '__Host-sid=x; Path=/; Secure; HttpOnly; SameSite=Lax; Priority=High',
    );
    expect(cookies.plain?.set('x')).toBe('sid=x; Path=/; HttpOnly; SameSite=Lax; Priority=High');
    expect(cookies.plainOnLoopbackOnly).toBe(true);
    expect(rest).toMatchObject({
      timeouts: {
        idleTimeout: 1440,
        absoluteTimeout: 28_800,
        regenerateInterval: 900,
        graceTime: 60,
        touchInterval: 720,
      },
      load: 'lazy',
      onConflict: 'last-wins',
      onGone: 'drop',
      onStoreDown: 'fail',
      onReuse: 'event',
      payloadLimit: 1_048_576,
      commitTimeout: 5000,
      heldBody: 16_777_216,
      heldBodyTotal: 67_108_864,
      store: { kind: 'cookie' },
      cache: { limiter: 'nocache', expire: 180, phpHeaders: false },
      prune: { interval: 300, probability: 0, divisor: 100 },
    });
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(resolve({}))).toBe(true);
  });

  it.each([
    { idleTimeout: 1440, touchInterval: 60 },
    { idleTimeout: 14_400, touchInterval: 600 },
    { idleTimeout: 100, touchInterval: 50 },
    { idleTimeout: 1, touchInterval: 0 },
    { idleTimeout: 0, touchInterval: 300 },
  ])(
    'touches every $touchInterval s on a server when sessions idle for $idleTimeout s',
    ({ idleTimeout, touchInterval }) => {
      expect(resolve({ store: memoryStore(), session: { idleTimeout } }).timeouts.touchInterval).toBe(
        touchInterval,
      );
    },
  );

  it('opens with the listed ciphers besides the one that seals', () => {
    const { accepted, suite } = resolve({
      crypto: { ...GOOD, cipher: 'chacha20', acceptCiphers: ['aes256', 'aes128'] },
    }).crypto;
    expect(suite.cipher).toBe('chacha20');
    expect(accepted.map(({ cipher }) => cipher)).toEqual(['chacha20', 'aes256', 'aes128']);
  });

  it("takes a driver and a store of the user's", async () => {
    const [driver, store] = [new OpensslDriver(), memoryStore()];
    const resolved = resolve({ crypto: { ...GOOD, driver }, store });
    const opened = await resolved.crypto.driver.open({ find: async () => undefined, make: () => undefined });
    expect(opened.driver).toBe(driver);
    expect(resolved.store).toBe(store);
  });
});

describe('Cookies', () => {
  const cookies = (cookie: object) => {
    const { secure, plain } = resolve({ cookie }).cookies;
    return { secure: secure?.set('x'), plain: plain?.set('x') };
  };

  it.each([
    {
      cookie: { secure: true },
      secure: '__Host-sid=x; Path=/; Secure; HttpOnly; SameSite=Lax; Priority=High',
      plain: undefined,
    },
    {
      cookie: { secure: false },
      secure: undefined,
      plain: 'sid=x; Path=/; HttpOnly; SameSite=Lax; Priority=High',
    },
    {
      cookie: { domain: 'a.example', secure: true },
      secure: '__Secure-sid=x; Domain=a.example; Path=/; Secure; HttpOnly; SameSite=Lax; Priority=High',
      plain: undefined,
    },
    {
      cookie: { path: '/app', secure: true },
      secure: '__Secure-sid=x; Path=/app; Secure; HttpOnly; SameSite=Lax; Priority=High',
      plain: undefined,
    },
    {
      cookie: { name: 'mine', secure: true },
      secure: 'mine=x; Path=/; Secure; HttpOnly; SameSite=Lax; Priority=High',
      plain: undefined,
    },
    {
      cookie: { name: '__Host-Http-x' },
      secure: '__Host-Http-x=x; Path=/; Secure; HttpOnly; SameSite=Lax; Priority=High',
      plain: 'x=x; Path=/; HttpOnly; SameSite=Lax; Priority=High',
    },
    {
      cookie: { sameSite: 'none', partitioned: true },
      secure: '__Host-sid=x; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Priority=High',
      plain: 'sid=x; Path=/; HttpOnly; SameSite=Lax; Priority=High',
    },
    {
      cookie: { lifetime: 60, priority: 'low', secure: true, httpOnly: false, sameSite: 'strict' },
      secure: '__Host-sid=x; Max-Age=60; Path=/; Secure; SameSite=Strict; Priority=Low',
      plain: undefined,
    },
  ])('are written as $cookie says', ({ cookie, ...expected }) => {
    expect(cookies(cookie)).toEqual(expected);
  });
});
