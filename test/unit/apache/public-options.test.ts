import { describe, expect, it } from 'vitest';
import {
  apache,
  ApacheEnvelope,
  dbdStore,
  dbdTableSql,
  fromApacheDirectives,
  mergeSessionText,
  parseSessionText,
  type FromDirectivesOptions,
} from '../../../lib/apache/index.js';
import { SessionConfigError } from '../../../lib/errors/session-config.error.js';

const WHOLE = 'Session On\nSessionCookieName session path=/\nSessionCryptoPassphrase secret\n';

/** Returns the faults that a call throws. */
function faultsOf(call: () => unknown): string[] {
  try {
    call();
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return error.faults.map(({ path, message }) => `${path} ${message}`);
  }
  return [];
}
const directives = (options: unknown) => faultsOf(() => fromApacheDirectives(WHOLE, options as object));

describe('an unknown option is refused, with a guess, by', () => {
  it.each<[string, (options: never) => unknown, object, string]>([
    [
      'fromApacheDirectives',
      (o) => fromApacheDirectives(WHOLE, o),
      { serverroot: '/etc' },
      'fromApacheDirectives().serverroot is unknown; is "serverRoot" meant?',
    ],
    [
      'fromApacheDirectives',
      (o) => fromApacheDirectives(WHOLE, o),
      { define: {} },
      'fromApacheDirectives().define is unknown; is "defines" meant?',
    ],
    ['dbdStore', (o) => dbdStore(o), { tabel: 'x' }, 'store.tabel is unknown; is "table" meant?'],
    [
      'dbdTableSql',
      (o) => dbdTableSql(o),
      { shema: 'x' },
      'dbdTableSql().shema is unknown; is "schema" meant?',
    ],
    [
      'parseSessionText',
      (o) => parseSessionText('a=1', o),
      { rule: 'trunk' },
      'rule is unknown; is "rules" meant?',
    ],
    [
      'mergeSessionText',
      (o) => mergeSessionText({ entries: [] }, 'a=1', o),
      { rule: 'trunk' },
      'rule is unknown; is "rules" meant?',
    ],
    [
      'ApacheEnvelope',
      (o) => new ApacheEnvelope(o),
      { secrets: ['x'], chiper: 'aes128' },
      'chiper is unknown; is "cipher" meant?',
    ],
    [
      'apache',
      (o) => report(apache(o)),
      { secrets: ['x'], headr: 'X' },
      'crypto.format.headr is unknown; is "header" meant?',
    ],
    [
      'apache',
      (o) => report(apache(o)),
      { secrets: [{ passphraseFile: '/f', serverroot: '/' }] },
      'crypto.format.secrets[0] has the unknown member "serverroot"; is "serverRoot" meant?',
    ],
  ])('%s', (_name, call, options, fault) => {
    expect(faultsOf(() => call(options as never))).toEqual([fault]);
  });
});

/** Throws what the start would find. */
function report(format: ReturnType<typeof apache>): void {
  const faults = format.check('crypto.format');
  if (faults.length) throw new SessionConfigError(faults);
}

describe('a value of the wrong kind is refused by', () => {
  it.each<[object, RegExp]>([
    [{ serverRoot: 'etc' }, /serverRoot is "etc"; allowed is the absolute path/],
    [{ defines: ['A'] }, /defines is an array; allowed is an object of texts/],
    [{ defines: { A: 1 } }, /defines\.A is a number; allowed is a text/],
    [{ env: 'X=1' }, /env is a string; allowed is an object/],
    [{ modules: 'ssl_module' }, /modules is a string; allowed is a list/],
    [{ modules: [5] }, /modules\[0\] is a number/],
    [{ include: '/etc' }, /include is a string; allowed is a function/],
    [{ perUser: true }, /perUser is a boolean; allowed is a function/],
    [{ verify: {} }, /verify is an object; allowed is a function/],
    [{ trustUserKey: 'yes' }, /trustUserKey is "yes"; allowed are true, false/],
    [{ othersMayRead: 1 }, /othersMayRead is a number; allowed are true, false/],
    [{ table: '' }, /table is an empty string; allowed is a name/],
    [{ rules: '2.2' }, /rules is "2\.2"; allowed are "2\.4", "trunk"/],
    [{ context: 'htacces' }, /context is "htacces"; allowed are "server", "htaccess"; is "htaccess" meant\?/],
    [{ context: 'htaccess', path: 'app' }, /path is "app"; allowed is a URL path/],
    [{ path: '/app' }, /path belongs to a \.htaccess file; add context: 'htaccess'/],
  ])('fromApacheDirectives: %j', (options, fault) => {
    expect(directives(options)).toEqual([expect.stringMatching(fault)]);
  });

  it('fromApacheDirectives, which lists all of them and shows no value of env', () => {
    const faults = directives({ env: { KEY: { secret: 'hunter2' } }, rule: '2.4', table: 5 });
    expect(faults).toHaveLength(3);
    expect(faults.join()).not.toContain('hunter2');
  });

  it.each([null, 'x', 5, []])('fromApacheDirectives, dbdStore and the others: %j', (options) => {
    expect(directives(options)).toEqual([expect.stringContaining('allowed is an object')]);
    for (const call of [dbdStore, dbdTableSql, (one: never) => report(apache(one))])
      expect(faultsOf(() => call(options as never))).toContainEqual(
        expect.stringContaining('allowed is an object'),
      );
  });

  it.each<[object, RegExp]>([
    [{ renewKey: 'save' }, /store\.renewKey is "save"; allowed are "login", "change"/],
    [{ perUser: 'ada' }, /store\.perUser is a string; allowed is a function/],
    [{ prepared: 'no' }, /store\.prepared is "no"/],
    [{ pruneBatch: 0 }, /store\.pruneBatch is 0; allowed is a whole number of rows/],
    [{ table: '' }, /store\.table is an empty string/],
  ])('dbdStore: %j', (options, fault) => {
    expect(faultsOf(() => dbdStore(options as never))).toEqual([expect.stringMatching(fault)]);
  });

  it('parseSessionText, with other rules', () => {
    expect(faultsOf(() => parseSessionText('a=1', { rules: '2.2' as never }))).toEqual([
      expect.stringMatching(/^rules is "2\.2"/),
    ]);
  });
});

describe('the path of a .htaccess file', () => {
  const findingsOf = (options: FromDirectivesOptions) =>
    (fromApacheDirectives(WHOLE, options).crypto.format as ReturnType<typeof apache>)
      .audit('crypto.format')
      .filter(({ code }) => code === 'apache-directive')
      .map(({ path, message }) => `${path}: ${message}`)
      .join('\n');

  it('is asked for by a finding, unless it is there', () => {
    const asked = /^directives line 1: a \.htaccess file applies to its own directory, .* option path/;
    expect(findingsOf({ context: 'htaccess' })).toMatch(asked);
    for (const path of ['/', '/app/'])
      expect(findingsOf({ context: 'htaccess', path })).not.toMatch(/own directory/);
    expect(findingsOf({})).not.toMatch(/own directory/);
  });

  it('is where its settings apply', () => {
    const { session, contexts } = fromApacheDirectives(WHOLE, { context: 'htaccess', path: '/app/' });
    expect(session).toMatchObject({ enabled: false });
    expect(contexts).toEqual([
      expect.objectContaining({
        path: '/app',
        session: expect.objectContaining({ enabled: true }) as object,
      }),
    ]);
    expect(fromApacheDirectives(WHOLE, { context: 'htaccess', path: '/' })).toMatchObject({
      session: { enabled: true },
      contexts: [],
    });
  });
});

describe('a relative path begins at ServerRoot', () => {
  const paramsOf = (dir: string, options?: FromDirectivesOptions) =>
    (
      fromApacheDirectives(`${WHOLE}SessionCryptoDriver nss ${dir}`, options).crypto.driverParams as {
        dir: string;
      }
    ).dir;

  it.each([
    ['dir=certs', '/etc/apache2/certs'],
    ['"dir=My Certs"', '/etc/apache2/My Certs'],
    ['dir=sql:certs', 'sql:/etc/apache2/certs'],
    ['dir=dbm:certs/old', 'dbm:/etc/apache2/certs/old'],
    ['dir=/var/certs', '/var/certs'],
    ['dir=sql:/var/certs', 'sql:/var/certs'],
  ])('%s of SessionCryptoDriver is %s', (dir, path) => {
    expect(paramsOf(dir, { serverRoot: '/etc/apache2' })).toBe(path);
    expect(paramsOf(`${dir}\nServerRoot /etc/apache2`)).toBe(path);
  });

  it('and without one, a finding says so', () => {
    const findings = (dir: string) =>
      (
        fromApacheDirectives(`${WHOLE}SessionCryptoDriver nss ${dir}`).crypto.format as ReturnType<
          typeof apache
        >
      )
        .audit('crypto.format')
        .map(({ path, message }) => `${path}: ${message}`);
    expect(findings('dir=certs')).toContainEqual(
      expect.stringMatching(/^directives line 4: SessionCryptoDriver: "dir=certs" is a relative path/),
    );
    expect(findings('dir=/certs').join()).not.toContain('relative');
  });
});
