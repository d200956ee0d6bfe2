import { describe, expect, it } from 'vitest';
import {
  auditOptions,
  cookieStore,
  managedRing,
  memoryKeyStore,
  memoryStore,
  OpensslDriver,
  type AuditEnvironment,
  type AuditVerdict,
  type SessionCryptoOptions,
  type SessionFormat,
} from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { applyRemedy } from '../cli/support/apply-remedy.js';
import { AUDIT_RULES } from '../../../lib/options/audit/audit-rules.js';

const KEY = 'raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';
const SERVER = memoryStore();
const NOW = new Date('2030-01-01T00:00:00Z');
const SHARED = fileStore({ path: '/srv/sessions', sharedUnsealed: { serializer: 'php' } });
const DEFAULTS: SessionCryptoOptions = { crypto: { secrets: [KEY] }, store: SERVER };

const crypto = (more: object) => ({ crypto: { secrets: [KEY], ...more } });
const secrets = (...all: unknown[]) => ({ crypto: { secrets: all } });
const cookie = (more: object) => ({ cookie: more });
const session = (more: object) => ({ session: more });
const id = (more: object) => ({ id: more });
/** A server store with other members. */
const store = (more: object) => ({
  store: Object.assign(Object.create(SERVER) as object, { kind: 'own', ...more }),
});
const format = (days: number): SessionFormat => ({
  name: 'other',
  migrationSource: {
    cookie: { name: 'old', path: '/', domain: undefined },
    until: new Date(NOW.getTime() + days * 86_400_000),
  },
  check: () => [],
  start: () => Promise.reject(new Error('not here')),
});
const foreign = (more: object = {}) => ({
  crypto: { format: format(1) },
  store: {
    kind: 'dbd',
    name: 'session',
    format: 'other',
    repository: () => undefined,
    prune: () => 0,
    ...more,
  },
});
const driver = Object.assign(new OpensslDriver(), { name: 'own' });
const TOKEN_KEY = { key: 'label=sessions' };
const inToken = (...all: unknown[]) => ({
  crypto: { driver: 'pkcs11', driverParams: { library: 'token.so', label: 'app' }, secrets: all },
});

function judge(code: string, options: object, environment: AuditEnvironment = {}): AuditVerdict | 'absent' {
  const known = { production: true, now: NOW, variables: {}, ...environment };
  const rows = auditOptions({ ...DEFAULTS, ...options } as SessionCryptoOptions, known);
  const own = rows.filter((row) => row.code === code && !row.setting.startsWith('contexts'));
  expect(own.length).toBeLessThan(2);
  return own[0]?.verdict ?? 'absent';
}

type Case = readonly [verdict: AuditVerdict | 'absent', options: object, environment?: AuditEnvironment];

const FINGERPRINT = auditOptions(DEFAULTS).find(({ code }) => code === 'equal-parameters')!.value;

/** For each rule: options with which it is ok, and options with which it is not. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  'secret-strength': [
    ['ok', {}],
    ['ok', secrets('9f86d081884c7d659a2feaa0c55ad015')],
    ['weak', secrets('correct horse battery staple')],
    ['weak', secrets(Buffer.from('thirty-two letters and no key at'))],
    ['broken', secrets('changeme-changeme-changeme')],
    ['broken', secrets('raw:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8')],
    ['broken', secrets('keyboard cat keyboard cat')],
    ['choose', secrets({ file: 'x' })],
    ['ok', inToken(TOKEN_KEY)],
    ['absent', foreign()],
  ],
  'secret-place': [
    ['ok', inToken(TOKEN_KEY)],
    ['ok', secrets('file:x')],
    ['ok', secrets({ file: 'x' })],
    ['ok', secrets('exec:x')],
    ['ok', secrets({ exec: ['x'] })],
    ['ok', secrets(() => 'x')],
    ['weak', {}],
    ['weak', secrets({ passphrase: 'correct horse battery' })],
    ['choose', {}, { production: false }],
    ['choose', {}, { variables: { SESSION_SECRET: KEY } }],
    ['choose', secrets(Buffer.from('thirty-two letters and no key at'))],
  ],
  'open-secret-file': [
    ['ok', secrets({ file: 'x' })],
    ['weak', secrets({ file: 'x', othersMayRead: true })],
    ['absent', {}],
  ],
  'many-secrets': [
    ['ok', {}],
    ['ok', secrets(KEY, KEY, KEY)],
    ['weak', secrets(KEY, KEY, KEY, KEY)],
  ],
  'no-reload': [
    ['ok', secrets({ file: 'x' })],
    ['ok', { crypto: { secrets: [{ file: 'x' }], reload: { interval: 0 } } }],
    ['ok', { crypto: { secrets: [() => KEY], reload: { interval: 0, signal: 'SIGHUP' } } }],
    ['weak', { crypto: { secrets: [() => KEY], reload: { interval: 0 } } }],
    ['weak', { crypto: { secrets: [{ file: 'x' }], reload: { interval: 0, watch: false } } }],
    ['choose', {}],
    ['choose', inToken(TOKEN_KEY, KEY)],
    ['absent', inToken(TOKEN_KEY)],
  ],
  cipher: [
    ['ok', {}],
    ['ok', crypto({ cipher: 'chacha20' })],
    ['choose', crypto({ cipher: 'aes128' })],
    ['absent', foreign()],
  ],
  'accepted-ciphers': [
    ['ok', {}],
    ['ok', crypto({ acceptCiphers: ['aes256'] })],
    ['choose', crypto({ acceptCiphers: ['aes128'] })],
  ],
  'own-driver': [
    ['ok', {}],
    ...(['openssl', 'nss', 'webcrypto'] as const).map((name): Case => ['ok', crypto({ driver: name })]),
    ['ok', crypto({ driver: 'sodium', cipher: 'chacha20' })],
    ['ok', inToken(TOKEN_KEY)],
    ['ok', { ...foreign(), crypto: { format: format(1), driverParams: { engine: 'gost' } } }],
    ['choose', crypto({ driver })],
    ['choose', crypto({ driver: OpensslDriver })],
    ['choose', crypto({ driver: Symbol('openssl') })],
  ],
  engine: [
    ['ok', {}],
    ['choose', { ...foreign(), crypto: { format: format(1), driverParams: { engine: 'gost' } } }],
    ['absent', crypto({ driver: new OpensslDriver() })],
    ['absent', crypto({ driver: 'nss' })],
  ],
  salt: [
    ['ok', {}],
    ['ok', crypto({ salt: 'site' })],
    ['choose', secrets('correct horse battery')],
    ['choose', secrets({ file: 'x' })],
    ['choose', inToken(TOKEN_KEY, 'correct horse battery')],
    ['ok', inToken(TOKEN_KEY, KEY)],
    ['absent', inToken(TOKEN_KEY)],
  ],
  audience: [
    ['ok', crypto({ audience: 'app.example' })],
    ['choose', {}],
  ],
  'equal-parameters': [
    ['ok', {}, { fingerprint: FINGERPRINT }],
    ['ok', secrets('another secret, as long'), { fingerprint: FINGERPRINT }],
    ['broken', crypto({ ring: 'other' }), { fingerprint: FINGERPRINT }],
    ['broken', crypto({ salt: 'other' }), { fingerprint: FINGERPRINT }],
    ['broken', crypto({ cipher: 'aes128' }), { fingerprint: FINGERPRINT }],
    ['broken', cookie({ name: '__Host-other' }), { fingerprint: FINGERPRINT }],
    ['broken', store({ name: 'other' }), { fingerprint: FINGERPRINT }],
    ['choose', {}],
  ],
  'other-format': [
    ['ok', {}],
    ['choose', foreign()],
  ],
  'key-rotation': [
    ['choose', {}],
    ['ok', crypto({ ring: managedRing({ store: memoryKeyStore() }) })],
    ['choose', crypto({ ring: managedRing({ store: memoryKeyStore(), adopt: true }) })],
    ['weak', crypto({ ring: managedRing({ store: memoryKeyStore(), rotation: 91 * 86_400 }) })],
    ['absent', foreign()],
  ],
  'long-migration': [
    ['ok', crypto({ accept: [format(90)] })],
    ['choose', crypto({ accept: [format(-1)] })],
    ['weak', crypto({ accept: [format(91)] })],
    ['absent', {}],
  ],
  'plain-cookie': [
    ['ok', {}],
    ['ok', cookie({ secure: true })],
    ['broken', cookie({ secure: false })],
  ],
  'script-readable-cookie': [
    ['ok', cookie({ httpOnly: true })],
    ['broken', cookie({ httpOnly: false })],
    ['broken', cookie({ httpOnly: false, secure: true })],
  ],
  'cross-site-cookie': [
    ['ok', cookie({ sameSite: 'lax' })],
    ['ok', cookie({ sameSite: 'strict', secure: false })],
    ['weak', cookie({ sameSite: 'none' })],
    ['choose', cookie({ sameSite: 'none', partitioned: true })],
  ],
  'cookie-prefix': [
    ['ok', {}],
    ['ok', cookie({ name: '__Host-Http-x' })],
    ['choose', cookie({ name: '__Secure-x' })],
    ['weak', cookie({ name: 'sid' })],
  ],
  'telling-name': [
    ['ok', {}],
    ['weak', cookie({ name: 'PHPSESSID' })],
    ['weak', cookie({ name: '__Host-connect.sid' })],
  ],
  'wide-cookie': [
    ['ok', {}],
    ['weak', cookie({ domain: 'example.com' })],
  ],
  'cookie-path': [
    ['ok', {}],
    ['choose', cookie({ path: '/app' })],
  ],
  'kept-cookie': [
    ['ok', {}],
    ['choose', cookie({ lifetime: 28_800 })],
    ['weak', cookie({ lifetime: 28_801 })],
    ['weak', { ...cookie({ lifetime: 60 }), ...session({ absoluteTimeout: 0 }) }],
  ],
  'id-sources': [
    ['ok', {}],
    ['choose', id({ sources: ['cookie', 'header'] })],
    ['weak', id({ sources: ['cookie', 'query'] })],
    ['weak', id({ sources: ['cookie', 'body'] })],
  ],
  'trans-sid': [
    ['ok', {}],
    ['weak', id({ sources: ['cookie', 'query'], transSid: true })],
    ['weak', id({ sources: ['cookie', 'query'], transSid: { hosts: ['shop.example'] } })],
  ],
  'referer-check': [
    ['ok', id({ sources: ['cookie', 'query'] })],
    [
      'ok',
      id({
        sources: ['cookie', 'query'],
        refererCheck: { origins: ['https://shop.example'], missing: 'refuse' },
      }),
    ],
    ['ok', id({ sources: ['cookie', 'body'], refererCheck: { origins: ['https://shop.example'] } })],
    [
      'ok',
      id({
        sources: ['cookie', 'query'],
        refererCheck: { origins: ['https://shop.example/'], match: 'substring' },
      }),
    ],
    ['weak', id({ sources: ['cookie', 'query'], refererCheck: { origins: ['shop'], match: 'substring' } })],
    ['absent', {}],
  ],
  'strict-mode': [
    ['ok', {}],
    ['ok', foreign()],
    ['choose', foreign({ identify: () => 'alice' })],
  ],
  'id-length': [
    ['ok', {}],
    ['ok', { store: cookieStore() }],
    ['choose', foreign()],
  ],
  'id-characters': [
    ['ok', { store: SHARED, id: { length: 32, bitsPerCharacter: 4 } }],
    ['weak', { store: SHARED, id: { length: 26, bitsPerCharacter: 5 } }],
    ['absent', { store: cookieStore(), id: { length: 26, bitsPerCharacter: 5 } }],
    ['absent', foreign()],
  ],
  'no-idle-timeout': [
    ['ok', session({ idleTimeout: 1800 })],
    ['choose', session({ idleTimeout: 3600 })],
    ['weak', session({ idleTimeout: 3601 })],
    ['weak', session({ idleTimeout: 0 })],
  ],
  'no-absolute-timeout': [
    ['ok', session({ absoluteTimeout: 28_800 })],
    ['choose', session({ absoluteTimeout: 86_400 })],
    ['weak', session({ absoluteTimeout: 86_401 })],
    ['weak', session({ absoluteTimeout: 0 })],
  ],
  'no-regeneration': [
    ['ok', {}],
    ['choose', session({ regenerateInterval: 3600 })],
    ['weak', session({ regenerateInterval: 0 })],
    ['absent', { store: cookieStore(), ...session({ regenerateInterval: 0 }) }],
    ['absent', foreign()],
  ],
  'long-grace': [
    ['ok', session({ graceTime: 0 })],
    ['choose', session({ graceTime: 300 })],
    ['weak', session({ graceTime: 301 })],
    ['absent', { store: cookieStore() }],
  ],
  'on-reuse': [
    ['ok', session({ onReuse: 'end' })],
    ['choose', {}],
    ['absent', { store: cookieStore() }],
  ],
  replayable: [
    ['ok', {}],
    ['ok', foreign()],
    ['weak', { store: undefined }],
    ['choose', { store: cookieStore({ acceptReplay: true }) }],
  ],
  'no-revocation': [
    ['ok', {}],
    ['weak', store({ list: undefined })],
    ['weak', store({ destroySubject: undefined })],
    ['weak', foreign()],
    ['weak', { store: undefined }],
    ['choose', { store: cookieStore({ acceptReplay: true }) }],
  ],
  'replayable-migration': [
    ['ok', crypto({ accept: [format(1)] })],
    ['weak', { store: cookieStore({ acceptReplay: true }), ...crypto({ accept: [format(1)] }) }],
    ['absent', { store: cookieStore() }],
  ],
  'rows-at-rest': [
    ['ok', {}],
    ['choose', foreign()],
  ],
  'memory-in-production': [
    ['ok', store({})],
    ['ok', {}, { production: false }],
    ['weak', {}],
    ['absent', { store: cookieStore() }],
  ],
  'lost-updates': [
    ['ok', {}],
    ['weak', store({ guarded: false })],
    ['absent', { store: cookieStore() }],
  ],
  'store-down': [
    ['ok', {}],
    ['choose', session({ onStoreDown: 'anonymous' })],
    ['absent', { store: cookieStore() }],
  ],
  'no-prune': [
    ['ok', {}],
    ['choose', { prune: { interval: 0, probability: 1 } }],
    ['weak', { prune: { interval: 0 } }],
    ['absent', { store: cookieStore(), prune: { interval: 0 } }],
  ],
  'two-ways-to-prune': [
    ['ok', {}],
    ['ok', { prune: { interval: 0, probability: 1 } }],
    ['choose', { prune: { probability: 1 } }],
    ['absent', { store: cookieStore() }],
  ],
  'cache-limiter': [
    ['ok', {}],
    ['choose', { cache: { limiter: 'private' } }],
    ['choose', { cache: { limiter: 'private_no_expire' } }],
    ['weak', { cache: { limiter: 'public' } }],
    ['weak', { cache: { limiter: 'none' } }],
  ],
  transport: [
    ['ok', {}, { https: true, hsts: true }],
    ['choose', {}, { https: true }],
    ['weak', {}, { https: true, hsts: false }],
    ['broken', {}, { https: false, hsts: true }],
    ['choose', {}],
  ],
  'proxy-trust': [
    ['ok', {}, { proxyTrust: 'none' }],
    ['ok', {}, { proxyTrust: 'named' }],
    ['weak', {}, { proxyTrust: 'all' }],
    ['choose', {}],
  ],
};

const isDuty = (code: string) => code.startsWith('duty-');

describe('a row of the audit', () => {
  const cases = Object.entries(CASES).flatMap(([code, all]) =>
    all.map(([verdict, options, environment]) => ({ code, verdict, options, environment })),
  );

  it.each(cases)('$code is $verdict: $options $environment', ({ code, verdict, options, environment }) => {
    expect(judge(code, options, environment)).toBe(verdict);
  });

  it.each(cases.filter(({ verdict }) => verdict === 'weak' || verdict === 'broken'))(
    '$code has a remedy that helps: $options $environment',
    async ({ code, options, environment }) => {
      const before = { ...DEFAULTS, ...options } as SessionCryptoOptions;
      const known = { production: true, now: NOW, variables: {}, ...environment };
      const row = auditOptions(before, known).find((one) => one.code === code)!;
      const after = await applyRemedy(row.remedy, { options: before, environment: known, peer: DEFAULTS });
      const rows = auditOptions(after.options!, after.environment ?? known);
      const left = rows.filter((one) => one.code === code && one.verdict !== 'ok');
      expect(left.map(({ verdict }) => verdict)).toEqual([]);
    },
  );

  it('is ok with some options and not with others, unless only the application can follow it', () => {
    for (const { code } of AUDIT_RULES.filter((rule) => !isDuty(rule.code))) {
      const verdicts = (CASES[code] ?? []).map(([verdict]) => verdict);
      expect([code, verdicts]).toEqual([code, expect.arrayContaining(['ok'])]);
      const poor = verdicts.filter((verdict) => verdict !== 'ok' && verdict !== 'absent');
      expect([code, poor.length]).not.toEqual([code, 0]);
    }
    for (const { code } of AUDIT_RULES.filter((rule) => isDuty(rule.code)))
      expect(judge(code, {})).toBe('choose');
  });

  it('has a unique code', () => {
    const codes = AUDIT_RULES.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});

describe('a key in a token', () => {
  it('is judged without a demand to move or stretch it', () => {
    const rows = auditOptions(inToken(TOKEN_KEY) as SessionCryptoOptions, { production: true, now: NOW });
    const about = rows.filter(({ setting }) => /^crypto\.(?:secrets|reload|salt|driver)/.test(setting));
    expect(about.map(({ setting, value, verdict }) => [setting, value, verdict])).toEqual([
      ['crypto.secrets[0]', 'a key in a token, checked at the start', 'ok'],
      ['crypto.secrets[0]', 'a token of the driver', 'ok'],
      ['crypto.secrets', '1 entry', 'ok'],
      ['crypto.driver', 'pkcs11 library=token.so label=app', 'ok'],
    ]);
  });
});

describe('the table of the audit', () => {
  const sources = AUDIT_RULES.map(({ source }) => source).join(', ');

  it.each([
    'cookie_lifetime', 'use_cookies', 'use_only_cookies', 'use_strict_mode', 'cookie_httponly', 'cookie_secure',
    'cookie_samesite', 'gc_maxlifetime', 'use_trans_sid', 'trans_sid_tags', 'trans_sid_hosts', 'referer_check',
    'cache_limiter', 'sid_length', 'sid_bits_per_character', 'save_path', 'gc_probability', 'name', 'cookie_domain',
    'cookie_path', 'cache_expire',
  ])('answers PHP session.%s', (name) => {
    expect(sources).toMatch(new RegExp(`PHP session\\.${name}(?:,|$)`));
  }); // prettier-ignore

  it.each([
    '7.1.1', '7.1.2', '7.1.3', '7.2.1', '7.2.2', '7.2.3', '7.2.4', '7.3.1', '7.3.2', '7.4.1', '7.4.2', '7.4.3', '7.4.4',
    '7.4.5', '7.5.1', '7.5.2', '7.5.3', '7.6.1', '7.6.2', '3.3.1', '3.3.2', '3.3.3', '3.3.4',
  ])('answers ASVS %s', (number) => {
    expect(sources).toMatch(new RegExp(`ASVS ${number.replaceAll('.', '\\.')}(?:,|$)`));
  }); // prettier-ignore

  it.each(['key length and randomness', 'literal, file or program', 'SessionCryptoCipher', 'equal parameters on all servers', 'rotation'])(
    "answers mod_session_crypto's %s",
    (topic) => expect(sources).toContain(`mod_session_crypto (${topic})`),
  ); // prettier-ignore

  it.each([
    'Session ID Name', 'Session ID Length', 'Exchange Mechanisms', 'Transport Layer Security', 'Secure', 'HttpOnly',
    'SameSite', 'Domain', 'Path', 'Expire and Max-Age', 'Permissive and Strict', 'Manage Session ID as Any Other User Input',
    'Renew the Session ID', 'Idle Timeout', 'Absolute Timeout', 'Renewal Timeout', 'Manual Session Expiration',
    'Web Content Caching', 'Detecting Anomalies', 'Logging Sessions Life Cycle', 'Simultaneous Session Logons', 'repository',
  ])('answers the OWASP session sheet on %s', (topic) => {
    expect(sources).toContain(`OWASP session sheet (${topic})`);
  }); // prettier-ignore
});
