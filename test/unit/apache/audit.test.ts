import { describe, expect, it } from 'vitest';
import {
  auditOptions,
  cookieStore,
  memoryStore,
  type AuditEnvironment,
  type AuditRow,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { apache, fromApacheDirectives, type ApacheOptions } from 'nestjs-session-crypto/apache';
import { fileStore } from 'nestjs-session-crypto/php';

const STRONG = '9f86d081884c7d659a2feaa0c55ad015';
const KEY = 'raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';
const cookie = { name: 'session' };
const until = new Date('2030-02-01');
const known: AuditEnvironment = { production: true, variables: {}, now: new Date('2030-01-01') };

const shared = (options: Partial<ApacheOptions> & Pick<ApacheOptions, 'secrets'>): SessionCryptoOptions => ({
  crypto: { format: apache(options) },
  store: cookieStore(),
});
const rows = (options: SessionCryptoOptions, environment: AuditEnvironment = {}): AuditRow[] =>
  auditOptions(options, { ...known, ...environment });
const verdicts = (options: SessionCryptoOptions, code: string) =>
  rows(options)
    .filter((row) => row.code === code)
    .map(({ setting, verdict }) => `${setting} ${verdict}`);

describe('the audit of the secrets of apache()', () => {
  it.each<[string, Parameters<typeof shared>[0]['secrets'], readonly string[]]>([
    ['secret-strength', [STRONG], ['[0] ok']],
    ['secret-strength', ['a'.repeat(24)], ['[0] broken']],
    ['secret-strength', ['raw:' + 'a'.repeat(43)], ['[0] broken']],
    ['secret-strength', [STRONG, 'correct horse battery staple'], ['[0] ok', '[1] weak']],
    ['secret-strength', [Buffer.alloc(24, 'a')], ['[0] broken']],
    ['secret-strength', [Buffer.from('f3a9007bd1c25ee48816902bdac4417f', 'hex')], ['[0] ok']],
    ['secret-strength', [{ passphraseFile: '/x' }], ['[0] choose']],
    ['secret-place', [STRONG], ['[0] weak']],
    ['secret-place', [{ passphraseFile: '/x' }], ['[0] ok']],
    ['secret-place', ['exec:/bin/key'], ['[0] ok']],
    ['secret-place', ['exec:', 'file:x'], ['[0] weak', '[1] ok']],
    ['open-secret-file', [{ passphraseFile: '/x', othersMayRead: true }], ['[0] weak']],
    ['open-secret-file', [{ file: '/x', othersMayRead: true }], ['[0] weak']],
    ['open-secret-file', [{ passphraseFile: '/x' }], ['[0] ok']],
    ['many-secrets', [STRONG, STRONG, STRONG, STRONG], [' weak']],
    ['many-secrets', [STRONG], [' ok']],
  ])('%s of %o is %o', (code, secrets, expected) => {
    const at = (place: string) => expected.map((one) => `${place}.secrets${one}`);
    expect(verdicts(shared({ secrets }), code).toSorted()).toEqual(at('crypto.format'));
    const accept = [apache({ secrets, cookie, until })];
    const migrating = { crypto: { secrets: [{ file: '/k' }], accept }, store: memoryStore() };
    expect(
      verdicts(migrating, code)
        .filter((one) => one.includes('accept'))
        .toSorted(),
    ).toEqual(at('crypto.accept[0]'));
  });

  it('judges whether they can be reloaded', () => {
    const of = (secrets: ApacheOptions['secrets'], reload?: object) =>
      verdicts(
        { crypto: { format: apache({ secrets }), ...(reload && { reload }) }, store: cookieStore() },
        'no-reload',
      );
    expect(of([{ passphraseFile: '/x' }])).toEqual(['crypto.reload ok']);
    expect(of([{ passphraseFile: '/x' }], { interval: 0, watch: false })).toEqual(['crypto.reload weak']);
    expect(of([STRONG])).toEqual(['crypto.reload choose']);
  });

  it('knows a passphrase from the environment', () => {
    const [row] = rows(shared({ secrets: [STRONG] }), { variables: { HTTPD: STRONG } }).filter(
      ({ code }) => code === 'secret-place',
    );
    expect([row!.verdict, row!.value]).toEqual(['choose', 'the environment']);
  });

  it('sees those of a context, and those that directives give', () => {
    const contexts = [{ host: 'b.example', crypto: { format: apache({ secrets: ['a'.repeat(24)] }) } }];
    expect(verdicts({ ...shared({ secrets: [STRONG] }), contexts }, 'secret-strength')).toContain(
      'contexts[0].crypto.format.secrets[0] broken',
    );
    const text = `Session On\nSessionCookieName s path=/\nSessionCryptoPassphrase ${'a'.repeat(24)}`;
    expect(verdicts(fromApacheDirectives(text), 'secret-strength')).toEqual([
      'crypto.format.secrets[0] broken',
    ]);
  });

  it('gives every row a recommended value and a remedy, and no secret', () => {
    const text = `Session On\nSessionCookieName s\nSessionCryptoPassphrase ${STRONG}\nSessionExpiryUpdateInterval 30`;
    const all = [
      shared({
        secrets: ['short', STRONG],
        cipher: '3des192',
        header: 'X-S',
        auth: { name: 'r', trustUserKey: true },
      }),
      fromApacheDirectives(text),
    ].flatMap((options) => rows(options));
    for (const { code, recommended, remedy, value, why } of all)
      expect([code, recommended, remedy, value, why]).toEqual([
        code,
        ...Array(4).fill(expect.stringMatching(/\S/)),
      ]);
    expect(JSON.stringify(all)).not.toContain(STRONG);
  });
});

describe('the fingerprint', () => {
  const of = (options: SessionCryptoOptions) =>
    rows(options).find(({ code }) => code === 'equal-parameters')!.value;

  it('differs where two servers cannot share sessions', () => {
    const accepting = (options: Partial<ApacheOptions>) => ({
      crypto: { secrets: [KEY], accept: [apache({ secrets: [STRONG], cookie, until, ...options })] },
      store: memoryStore(),
    });
    const inContext = (options: Partial<ApacheOptions>) => ({
      crypto: { secrets: [KEY] },
      contexts: [
        {
          host: 'b.example',
          crypto: { format: apache({ secrets: [STRONG], ...options }) },
          store: cookieStore(),
        },
      ],
    });
    const files = (store: SessionCryptoOptions['store']) => ({ crypto: { secrets: [KEY] }, store: store! });
    const sharedUnsealed = (serializer: 'php' | 'php_serialize', more = {}) =>
      files(fileStore({ path: '/s', sharedUnsealed: { serializer, ...more } }));
    const all = [
      shared({ secrets: [STRONG] }),
      shared({ secrets: [STRONG], cipher: 'aes128' }),
      shared({ secrets: [STRONG], auth: { name: 'a', trustUserKey: true } }),
      shared({ secrets: [STRONG], auth: { name: 'b', trustUserKey: true } }),
      accepting({}),
      accepting({ cipher: 'aes128' }),
      accepting({ cookie: { name: 'other' } }),
      inContext({}),
      inContext({ cipher: 'aes128' }),
      files(fileStore({ path: '/s' })),
      files(fileStore({ path: '/s', depth: 2 })),
      sharedUnsealed('php'),
      sharedUnsealed('php_serialize'),
      sharedUnsealed('php', { subjectKey: 'uid' }),
      { ...sharedUnsealed('php'), id: { length: 64 } },
    ];
    expect(new Set(all.map(of)).size).toBe(all.length);
  });

  it('is equal where only secrets and what stays on one server differ', () => {
    const one = of(shared({ secrets: [STRONG] }));
    expect(of(shared({ secrets: ['b'.repeat(32)], keyCache: 7, reuseSalt: false }))).toBe(one);
  });

  it('of the base covers its contexts, so that no context is broken by it', () => {
    const options = {
      crypto: { secrets: [KEY] },
      contexts: [{ path: '/admin', cookie: { name: '__Host-admin' }, crypto: { audience: 'admin' } }],
    };
    const compared = rows(options, { fingerprint: of(options) }).filter(
      ({ code }) => code === 'equal-parameters',
    );
    expect(compared.map(({ setting, verdict }) => [setting, verdict])).toEqual([['crypto', 'ok']]);
  });
});
