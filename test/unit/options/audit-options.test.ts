import { describe, expect, it } from 'vitest';
import {
  auditOptions,
  cookieStore,
  memoryStore,
  SessionConfigError,
  type AuditFinding,
  type AuditRow,
  type SessionCryptoOptions,
  type SessionFormat,
} from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';

const KEY = 'raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';
const SAFE: SessionCryptoOptions = { crypto: { secrets: [KEY] }, store: memoryStore() };

const audit = (options: object = {}): AuditRow[] =>
  auditOptions({ ...SAFE, ...options } as SessionCryptoOptions, { production: false });
/** Returns code and setting of each row that is weak or broken. */
const poor = (options: object = {}) =>
  audit(options)
    .filter(({ verdict }) => verdict === 'weak' || verdict === 'broken')
    .map(({ code, setting }) => `${code} ${setting}`);

const finding: AuditFinding = {
  level: 'warning',
  code: 'foreign-note',
  path: '',
  message: 'a note',
  recommended: 'another thing',
  remedy: 'do it',
};
const format = (findings: readonly AuditFinding[] = [finding]): SessionFormat => ({
  name: 'foreign',
  migrationSource: {
    cookie: { name: 'old', path: '/', domain: undefined },
    until: new Date(Date.now() + 1e9),
  },
  check: () => [],
  audit: (path) => findings.map((one) => ({ ...one, path })),
  start: () => Promise.reject(new Error('not here')),
});
const crypto = (more: object) => ({ crypto: { secrets: [KEY], ...more } });

describe('auditOptions', () => {
  it('finds nothing weak in the defaults with a random key and sessions on the server', () => {
    expect(poor()).toEqual([]);
  });

  it('reports that sessions of the quick start can be replayed and not be revoked, until the options accept replay', () => {
    expect(poor({ store: undefined })).toEqual(['replayable store', 'no-revocation store']);
    expect(poor({ store: cookieStore({ acceptReplay: true }) })).toEqual([]);
  });

  it('takes the same object as forRoot, with its name', () => {
    const rows = audit({ name: 'admin', isGlobal: false, mount: false });
    expect(rows.find(({ code }) => code === 'equal-parameters')!.value).not.toBe(
      audit().find(({ code }) => code === 'equal-parameters')!.value,
    );
    expect(() => audit({ name: 'not a name!' })).toThrow(SessionConfigError);
  });

  it('fills every column of every row', () => {
    for (const row of audit({ store: undefined, cookie: { httpOnly: false } }))
      for (const [column, text] of Object.entries(row))
        expect([row.code, column, text]).toEqual([row.code, column, expect.stringMatching(/\S/)]);
  });

  it('lists broken rows first and ok rows last', () => {
    const verdicts = audit({ session: { idleTimeout: 0 }, cookie: { httpOnly: false } }).map(
      (row) => row.verdict,
    );
    expect([...new Set(verdicts)]).toEqual(['broken', 'weak', 'choose', 'ok']);
    expect(verdicts).toEqual(verdicts.toSorted((a, b) => 'bwco'.indexOf(a[0]!) - 'bwco'.indexOf(b[0]!)));
  });

  it('is not misled by values that look like attributes', () => {
    const cookie = { name: '__Secure-SameSite-None', path: '/ HttpOnly SameSite=None', httpOnly: false };
    expect(poor({ cookie })).toEqual(['script-readable-cookie cookie.httpOnly']);
  });

  it('recommends nothing that removes a shared format', () => {
    const rows = audit({
      crypto: { format: format([]) },
      store: cookieStore(),
      session: { absoluteTimeout: 0, idleTimeout: 0 },
    });
    const remedies = ['replayable', 'no-revocation', 'no-absolute-timeout', 'no-idle-timeout'].map(
      (code) => rows.find((row) => row.code === code)!.remedy,
    );
    expect(remedies).toEqual([
      expect.stringMatching(/^use a store that the other server shares/),
      expect.stringMatching(/^nothing while the format is shared/),
      expect.stringMatching(/the other server has no such limit/),
      expect.stringMatching(
        /session\.idleTimeout: 1440 here, .*SessionMaxAge 1440.*session\.gc_maxlifetime = 1440/,
      ),
    ]);
    const files = fileStore({ path: '/srv/sessions', sharedUnsealed: { serializer: 'php' } });
    for (const { code, remedy, verdict } of audit({
      store: files,
      session: { idleTimeout: 0, absoluteTimeout: 0 },
    }))
      if (verdict !== 'ok' && !code.startsWith('php-'))
        expect([code, remedy]).not.toEqual([
          code,
          expect.stringMatching(/^(?:use a native|use typeOrmStore|remove session\.(?:idle|absolute))/),
        ]);
  });

  it('includes the findings of the format and of the formats that are migrated', () => {
    const store = cookieStore({ acceptReplay: true });
    expect(poor({ crypto: { format: format() }, store })).toEqual(['foreign-note crypto.format']);
    const later = {
      ...format(),
      migrationSource: { ...format().migrationSource!, cookie: { name: 'older', path: '/' } },
    };
    expect(poor(crypto({ accept: [format([]), later] }))).toEqual(['foreign-note crypto.accept[1]']);
  });

  it.each<[AuditFinding['level'], AuditRow['verdict']]>([
    ['danger', 'broken'],
    ['warning', 'weak'],
    ['info', 'choose'],
    ['ok', 'ok'],
  ])('takes a finding of the level %s as %s', (level, verdict) => {
    const rows = audit(crypto({ accept: [format([{ ...finding, level, source: 'RFC 1' }])] }));
    expect(rows.find(({ code }) => code === 'foreign-note')).toEqual({
      setting: 'crypto.accept[0]',
      value: 'decided by the format "foreign"',
      recommended: 'another thing',
      verdict,
      why: 'a note',
      remedy: 'do it',
      source: 'RFC 1',
      code: 'foreign-note',
    });
  });

  it('adds rows for a context where it differs from the base', () => {
    const options = {
      session: { absoluteTimeout: 0 },
      contexts: [
        { path: '/a' },
        { path: '/b', session: { idleTimeout: 0 } },
        { path: '/c', cookie: { name: '__Host-c' }, store: cookieStore() },
        { path: '/d', session: { absoluteTimeout: 1 } },
        { path: '/e', crypto: { secrets: ['twelve letters twelve'] }, cookie: { name: '__Host-e' } },
      ],
    };
    expect(poor(options)).toEqual([
      'no-absolute-timeout session.absoluteTimeout',
      'no-idle-timeout contexts[1].session.idleTimeout',
      'replayable contexts[2].store',
      'no-revocation contexts[2].store',
      'secret-strength contexts[4].crypto.secrets[0]',
    ]);
  });

  it('adds rows for each context that differs', () => {
    const contexts = ['/a', '/b'].map((path) => ({ path, session: { idleTimeout: 0 } }));
    expect(poor({ contexts })).toEqual([
      'no-idle-timeout contexts[0].session.idleTimeout',
      'no-idle-timeout contexts[1].session.idleTimeout',
    ]);
  });

  it('adds the findings of the format of a context', () => {
    const other = { accept: [format([{ ...finding, message: 'another note' }])] };
    const contexts = [{ path: '/a', crypto: other, cookie: { name: '__Host-own' } }];
    expect(poor({ ...crypto({ accept: [format()] }), contexts })).toEqual([
      'foreign-note crypto.accept[0]',
      'foreign-note contexts[0].crypto.accept[0]',
    ]);
  });

  it('ignores options whose sessions are off', () => {
    const off = { enabled: false, idleTimeout: 0 };
    expect(poor({ contexts: [{ path: '/a', session: off }] })).toEqual([]);
    expect(poor({ session: off })).toEqual([]);
    expect(poor({ session: off, contexts: [{ path: '/a', session: { enabled: true } }] })).toEqual([
      'no-idle-timeout contexts[0].session.idleTimeout',
    ]);
  });

  it('warns of contexts that overwrite each other with one cookie name', () => {
    const own = { crypto: { audience: 'own' } };
    const other = { crypto: { audience: 'other' } };
    const first = 'contended-cookie contexts[0].cookie.name';
    const second = 'contended-cookie contexts[1].cookie.name';
    expect(poor({ contexts: [{ path: '/a', ...own }] })).toEqual([first]);
    expect(poor({ contexts: [{ host: 'a.example', path: '/a', ...own }] })).toEqual([first]);
    expect(poor({ contexts: [{ host: 'a.example', ...own }] })).toEqual([]);
    expect(poor({ contexts: [{ path: '/a', ...own, cookie: { name: '__Host-own' } }] })).toEqual([]);
    expect(poor({ contexts: [{ path: '/a', session: { idleTimeout: 120 } }] })).toEqual([]);
    expect(poor({ contexts: [{ path: '/a', ...own, session: { enabled: false } }] })).toEqual([]);
    const hosts = [
      { host: ['a.example', 'b.example'], ...own },
      { host: 'a.example', path: '/x', ...other },
    ];
    expect(poor({ contexts: hosts })).toEqual([second]);
    expect(poor({ contexts: [hosts[0], { host: 'c.example', ...other }] })).toEqual([]);
  });

  it.each([
    undefined, null, 5, 'x', [], {}, { crypto: null }, { crypto: KEY }, { crypto: { secrets: ['short'] } },
    { ...SAFE, store: {} }, { ...SAFE, contexts: 5 }, { ...SAFE, contexts: [null, 5, { host: {} }, { crypto: 5 }] },
    { ...SAFE, contexts: [{ store: 5, cookie: 5, session: 5, cache: 5, path: 5, match: 5, host: 5 }] },
    { ...SAFE, cookie: { name: Symbol('x') } },
  ])('throws a SessionConfigError and nothing else of wrong options: %j', (options) => {
    expect(() => auditOptions(options as never)).toThrow(SessionConfigError);
  }); // prettier-ignore

  it('shows no secret, whatever kind of entry it is', () => {
    const word = 'Zanzibar-2041';
    const secrets = [
      `${word} a`.padEnd(20),
      { passphrase: `${word} passphrase` },
      { passphrase: Buffer.from(`${word} in bytes`) },
      Buffer.from(`${word}${word}${word}`).subarray(0, 32),
      `hex:${Buffer.from(`${word}${word}${word}`).toString('hex').slice(0, 64)}`,
      `exec:program ${word}`,
      { exec: ['program', word] },
      { file: `/run/${word}`, othersMayRead: true },
      () => word,
      KEY,
    ];
    const context = { path: '/a', crypto: { secrets: [`${word} of a context`] }, cookie: { name: 'own' } };
    const options = { crypto: { secrets, salt: `${word} salt` }, store: undefined, contexts: [context] };
    const rows = audit(options);
    expect(rows.filter(({ code }) => code === 'secret-strength')).toHaveLength(11);
    const said = JSON.stringify(rows);
    for (const secret of [word, Buffer.from(word).toString('hex'), KEY.slice(4)])
      expect(said).not.toContain(secret);
  });
});
