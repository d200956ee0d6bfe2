import { describe, expect, it } from 'vitest';
import { readDirectives } from '../../../../lib/apache/directives/read-directives.js';
import { configAt, faultsOf, secretsOf } from './excerpts.js';

// The examples of httpd's own manual: mod_session_crypto, mod_session_cookie, mod_session_dbd, mod_session, mod_auth_form.
describe("the manual's examples of mod_session_crypto", () => {
  it('a session in a cookie', () => {
    const text = 'Session On\nSessionCookieName session path=/\nSessionCryptoPassphrase secret\n';
    expect(configAt(text)).toMatchObject({
      enabled: true,
      cipher: 'aes256',
      cookie: { name: 'session', attributes: { path: '/' } },
    });
    expect(secretsOf(text)).toEqual(['secret']);
  });

  it.each([
    ['nss', 'nss', {}],
    ['nss dir=certs', 'nss', { dir: 'certs' }],
    [
      'nss dir=certs key3=key3.db cert7=cert7.db secmod=secmod',
      'nss',
      { dir: 'certs', key3: 'key3.db', cert7: 'cert7.db', secmod: 'secmod' },
    ],
    [
      'nss "dir=My Certs" key3=key3.db cert7=cert7.db secmod=secmod',
      'nss',
      { dir: 'My Certs', key3: 'key3.db', cert7: 'cert7.db', secmod: 'secmod' },
    ],
    ['nss noinit', 'nss', { noinit: true }],
    ['openssl engine=name', 'openssl', { engine: 'name' }],
  ])('SessionCryptoDriver %s', (args, name, params) => {
    const { driver, findings } = readDirectives(`SessionCryptoDriver ${args}`);
    expect(driver).toEqual({ name, params, line: 1 });
    expect(findings).toEqual([]);
  });

  it.each([
    ['SessionCryptoPassphrase secret', 'secret'],
    ['SessionCryptoPassphrase exec:/path/to/program', ['/path/to/program']],
    [
      'SessionCryptoPassphrase "exec:/path/to/otherProgram argument1"',
      ['/path/to/otherProgram', 'argument1'],
    ],
    ['SessionCryptoPassphraseFile /etc/httpd/keys', { file: '/etc/httpd/keys' }],
  ])('%s', (line, source) => {
    expect(secretsOf(line)).toEqual([source]);
  });

  it('several passphrases for rotation, of which the first seals', () => {
    expect(secretsOf('SessionCryptoPassphrase new "old one" oldest')).toEqual(['new', 'old one', 'oldest']);
  });
});

it('a session in a database', () => {
  const text = `
DBDriver pgsql
DBDParams "dbname=apachesession user=apache password=xxxxx host=localhost"
DBDPrepareSQL "delete from session where key = %s" deletesession
DBDPrepareSQL "update session set value = %s, expiry = %lld, key = %s where key = %s" updatesession
DBDPrepareSQL "insert into session (value, expiry, key) values (%s, %lld, %s)" insertsession
DBDPrepareSQL "select value from session where key = %s and (expiry = 0 or expiry > %lld)" selectsession
DBDPrepareSQL "delete from session where expiry != 0 and expiry < %lld" cleansession
Session On
SessionDBDCookieName session path=/
SessionCryptoPassphrase secret
`;
  const { dbd, server } = readDirectives(text);
  expect(dbd.statements.size).toBe(5);
  expect(dbd.statements.get('updatesession')!.sql).toMatch(/^update session set value = %s, expiry = %lld/);
  expect(server.dbdCookie!.name).toBe('session');
});

it('a session of a user in a database needs the statements only', () => {
  expect(faultsOf('Session On\nSessionDBDPerUser On\nSessionCryptoPassphrase secret')).toHaveLength(4);
});

it('a session without encryption is a fault here', () => {
  expect(faultsOf('Session On\nSessionCookieName session path=/')).toHaveLength(1);
});

it('a form login', () => {
  const text = `
<Location "/dologin.html">
  AuthFormProvider file
  AuthUserFile "conf/passwd"
  AuthType form
  AuthName realm
  Session On
  SessionCookieName session path=/
  SessionCryptoPassphrase secret
  SetHandler form-login-handler
</Location>`;
  expect(configAt(text, '/dologin.html')).toMatchObject({
    enabled: true,
    authType: 'form',
    authName: 'realm',
  });
});
