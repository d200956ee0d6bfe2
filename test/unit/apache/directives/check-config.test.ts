import { describe, expect, it } from 'vitest';
import { readDirectives } from '../../../../lib/apache/directives/read-directives.js';
import { faultsOf, findingsOf, WHOLE } from './excerpts.js';

const SQL = Object.entries({ select: '%s %lld', insert: '%s %lld %s', update: '%s %lld %s %s', delete: '%s' })
  .map(([one, parameters]) => `DBDPrepareSQL "${one.toUpperCase()} ${parameters}" ${one}session\n`)
  .join('');
const IN_DATABASE = 'Session On\nSessionCryptoPassphrase x\nSessionDBDCookieName id path=/;HttpOnly;Secure\n';

describe('a place where sessions are on', () => {
  it('needs a passphrase', () => {
    expect(faultsOf('SessionCookieName s\nSession On')).toEqual([
      expect.stringMatching(
        /^2: Session is On without a passphrase, and httpd would send the session unencrypted/,
      ),
    ]);
    expect(faultsOf('SessionCookieName s\nSession On\nSessionCryptoPassphraseFile /etc/keys')).toEqual([]);
  });

  it('needs a store', () => {
    expect(faultsOf('Session On\nSessionCryptoPassphrase x')).toEqual([
      expect.stringMatching(/^1: Session is On without a store; add SessionCookieName/),
    ]);
    expect(faultsOf('Session On\nSessionCryptoPassphrase x\nSessionCookieName s')).toEqual([]);
    expect(faultsOf(`Session On\nSessionCryptoPassphrase x\nSessionDBDPerUser On\n${SQL}`)).toEqual([]);
    expect(faultsOf('Session On\nSessionCryptoPassphrase x\nSessionDBDPerUser Off')).toHaveLength(1);
  });

  it('is checked by itself', () => {
    expect(faultsOf('Session Off\nSessionCookieName s\n<Location /a>\nSession On\n</Location>')).toEqual([
      expect.stringMatching(/^4: /),
    ]);
    expect(
      faultsOf('Session On\n<Location />\nSessionCookieName s\nSessionCryptoPassphrase x\n</Location>'),
    ).toEqual([]);
    expect(
      faultsOf('Session On\nSessionCookieName s\n<Location /a>\nSessionCryptoPassphrase x\n</Location>'),
    ).toHaveLength(1);
  });

  it('with a wrong passphrase has one fault, not two', () => {
    expect(faultsOf('Session On\nSessionCookieName a=b\nSessionCryptoPassphrase ""')).toEqual([
      expect.stringMatching(/^2: SessionCookieName is/),
      expect.stringMatching(/^3: SessionCryptoPassphrase has an empty word/),
    ]);
  });

  it('needs nothing once sessions are off', () => {
    expect(faultsOf('Session Off')).toEqual([]);
  });
});

describe('two stores in one place', () => {
  it('are the cookie store, and a finding', () => {
    const text = `${WHOLE}SessionDBDCookieName id path=/;HttpOnly;Secure\n`;
    expect(findingsOf(text)).toEqual([
      '4: SessionDBDCookieName has no effect beside SessionCookieName, because httpd uses the cookie store alone; remove one of them',
    ]);
  });

  it('are a finding at the line that adds the second', () => {
    expect(findingsOf(`${WHOLE}<Location /a>\nSessionDBDPerUser On\n</Location>`)).toEqual([
      '5: SessionDBDPerUser has no effect beside SessionCookieName, because httpd uses the cookie store alone; remove one of them',
    ]);
  });
});

describe('statements', () => {
  it('are found by their labels', () => {
    expect(faultsOf(IN_DATABASE + SQL)).toEqual([]);
  });

  it('that are missing are a fault, at the label or at the store', () => {
    expect(
      faultsOf(`${IN_DATABASE}SessionDBDInsertLabel mine\n${SQL.replace('deletesession', 'other')}`),
    ).toEqual([
      '3: SessionDBDDeleteLabel is "deletesession" (httpd\'s default), but no DBDPrepareSQL has that label; add one',
      '4: SessionDBDInsertLabel is "mine", but no DBDPrepareSQL has that label; add one',
    ]);
  });

  it('may be in a virtual host, and are not needed beside a cookie store', () => {
    expect(faultsOf(`<VirtualHost *>\nServerName a.example\n${IN_DATABASE}${SQL}</VirtualHost>`)).toEqual([]);
    expect(faultsOf(`${IN_DATABASE}SessionCookieName s`)).toEqual([]);
  });

  it('are kept by label, and a label alone removes one', () => {
    const { dbd } = readDirectives(
      `DBDriver pgsql\nDBDParams "password=hush"\n${SQL}DBDPrepareSQL selectsession\n`,
    );
    expect(dbd).toMatchObject({ driver: { name: 'pgsql', line: 1 }, params: true });
    expect([...dbd.statements.keys()]).toEqual(['insertsession', 'updatesession', 'deletesession']);
    expect(dbd.statements.get('insertsession')).toEqual({ sql: 'INSERT %s %lld %s', line: 4 });
  });

  it.each(['DBDPrepareSQL', 'DBDPrepareSQL a b c', 'DBDPrepareSQL "a b'])('%s is a fault', (line) => {
    expect(faultsOf(line)).toEqual([expect.stringContaining('write: DBDPrepareSQL "statement" label')]);
  });

  it('have one label each', () => {
    expect(faultsOf('DBDPrepareSQL "a" x\nDBDPrepareSQL "b" x')).toEqual([
      expect.stringMatching(/^2: DBDPrepareSQL gives the label of line 1 another/),
    ]);
    expect(faultsOf('DBDPrepareSQL "a" x\nDBDPrepareSQL "a" x')).toEqual([]);
  });
});

describe('parameters', () => {
  it.each([
    ['select', '', '0 parameters, but httpd passes 2: key, time'],
    ['select', '%s %s %s', '3 parameters'],
    ['insert', '%s %s', '2 parameters, but httpd passes 3: value, expiry, key'],
    ['update', '%s %lld %s', '3 parameters, but httpd passes 4: value, expiry, new key, old key'],
    ['update', '%s %s', '2 parameters'],
    ['delete', '%% 5%', '0 parameters, but httpd passes 1: key'],
  ])('%s with "%s" are a fault', (verb, parameters, fault) => {
    const text = SQL.replace(new RegExp(`"${verb.toUpperCase()} [^"]*"`), `"${verb} ${parameters}"`);
    expect(faultsOf(IN_DATABASE + text)).toEqual([
      expect.stringMatching(new RegExp(`^\\d: DBDPrepareSQL "${verb}session" has ${fault}`)),
    ]);
  });

  it.each(['%s', '%s %%', '%s %lld', '%s %hhd', '%pDt %lu'])('of a select may be %s', (parameters) => {
    expect(faultsOf(IN_DATABASE + SQL.replace('SELECT %s %lld', `SELECT ${parameters}`))).toEqual([]);
  });

  it('do not count where no session is kept in the database', () => {
    expect(faultsOf(SQL.replaceAll('%s', ''))).toEqual([]);
  });
});

describe('DBDriver', () => {
  it.each(['mysql', 'sqlite3', 'sqlite2', 'oracle'])('%s is a fault at its line', (driver) => {
    expect(faultsOf(`${IN_DATABASE}${SQL}DBDriver ${driver}`)).toEqual([
      expect.stringMatching(new RegExp(`^8: DBDriver is "${driver}"; .* only in PostgreSQL`)),
    ]);
    expect(faultsOf(`DBDriver ${driver}`)).toEqual([]);
  });

  it.each(['pgsql', 'odbc'])('%s is none', (driver) => {
    expect(faultsOf(`${IN_DATABASE}${SQL}DBDriver ${driver}`)).toEqual([]);
  });
});

describe('a directive without effect is a finding', () => {
  it('SessionDBDPerUser beside a cookie', () => {
    expect(findingsOf(`${IN_DATABASE}${SQL}SessionDBDPerUser On`)).toEqual([
      '8: SessionDBDPerUser has no effect beside SessionDBDCookieName; remove one of them',
    ]);
  });

  it('Set-Cookie2 of the same name', () => {
    expect(findingsOf(`${WHOLE}SessionCookieName2 session`)).toEqual([
      '4: SessionCookieName2 sends Set-Cookie2, which no browser reads; remove it',
    ]);
    expect(findingsOf(`${IN_DATABASE}SessionDBDCookieName2 id\n${SQL}`)).toEqual([
      '4: SessionDBDCookieName2 sends Set-Cookie2, which no browser reads; remove it',
    ]);
  });
});

describe('Set-Cookie2', () => {
  const KEY = 'Session On\nSessionCryptoPassphrase x\n';
  const why = (name: string) =>
    `sends Set-Cookie2, which no browser reads, and httpd then reads no cookie but "${name}", so it has no sessions`;

  it('alone is a fault', () => {
    expect(faultsOf(`${KEY}SessionCookieName2 s`)).toEqual([
      `3: SessionCookieName2 ${why('s')}; write SessionCookieName in its place`,
    ]);
    expect(faultsOf(`${KEY}SessionDBDCookieName2 s\n${SQL}`)).toEqual([
      `3: SessionDBDCookieName2 ${why('s')}; write SessionDBDCookieName in its place`,
    ]);
  });

  it('of another name is a fault', () => {
    expect(faultsOf(`${WHOLE}SessionCookieName2 other`)).toEqual([
      `4: SessionCookieName2 ${why('other')}; remove it`,
    ]);
    expect(faultsOf(`${IN_DATABASE}${SQL}SessionDBDCookieName2 other`)).toEqual([
      `8: SessionDBDCookieName2 ${why('other')}; remove it`,
    ]);
    expect(faultsOf(`${WHOLE}<Location /a>\nSessionCookieName other path=/\n</Location>`)).toEqual([]);
    expect(
      faultsOf(
        `${WHOLE}SessionCookieName2 session\n<Location /a>\nSessionCookieName other path=/\n</Location>`,
      ),
    ).toEqual([`4: SessionCookieName2 ${why('session')}; remove it`]);
  });

  it('needs the statements of the store that it belongs to', () => {
    expect(faultsOf(`${KEY}SessionDBDCookieName2 s`)).toHaveLength(5);
    expect(faultsOf(`${WHOLE}SessionDBDCookieName2 s`)).toEqual([]);
    expect(faultsOf(`${KEY}SessionCookieName2 s\nSessionDBDCookieName id`)).toEqual([
      expect.stringMatching(/^3: SessionCookieName2 /),
    ]);
  });

  it('beside a cookie with a fault has one fault, not two', () => {
    expect(faultsOf(`${KEY}SessionCookieName a=b\nSessionCookieName2 s`)).toEqual([
      expect.stringMatching(/^3: SessionCookieName is/),
    ]);
  });
});
