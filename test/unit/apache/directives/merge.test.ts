import { describe, expect, it } from 'vitest';
import { DIRECTIVES } from '../../../../lib/apache/directives/directive-table.js';
import { readDirectives } from '../../../../lib/apache/directives/read-directives.js';
import { DEFAULTS } from '../../../../lib/apache/directives/merge.js';
import { configAt, WHOLE } from './excerpts.js';

const section = (head: string, body: string) => `<${head}>\n${body}\n</${head.split(' ')[0]}>\n`;
const at = (path: string, body: string) => section(`Location ${path}`, body);
const textsOf = (text: string, path: string) =>
  configAt(text, path).passphrases.map((one) => one.kind === 'passphrase' && one.text);

describe('an inner section', () => {
  it.each([
    ['Session Off', { enabled: false }],
    ['SessionMaxAge 0', { maxAge: 0 }],
    ['SessionExpiryUpdateInterval 2', { updateInterval: 2 }],
    ['SessionHeader B', { header: 'B' }],
    ['SessionEnv Off', { env: false }],
    ['SessionCookieRemove Off', { cookieRemove: false }],
    ['SessionCryptoCipher aes128', { cipher: 'aes128' }],
  ])('wins with %s', (line, setting) => {
    const outer = `${WHOLE}SessionMaxAge 9\nSessionExpiryUpdateInterval 1\nSessionHeader A\nSessionEnv On\nSessionCookieRemove On\nSessionCryptoCipher 3des192\n`;
    const before = configAt(`${outer}${at('/a', 'AuthName x')}`, '/a');
    const after = configAt(`${outer}${at('/a', line)}`, '/a');
    expect(after).toMatchObject(setting);
    expect({ ...after, ...setting, lines: 0 }).not.toEqual({ ...before, lines: 0 });
    expect(after.lines[Object.keys(setting)[0] as 'enabled']).toBe(11);
  });

  it('appends to the paths that are included and excluded', () => {
    const text = `${WHOLE}SessionInclude /a\nSessionExclude /a/x\n${at('/a', 'SessionInclude /a/b\nSessionExclude /a/y')}`;
    const config = configAt(text, '/a');
    expect(config.includes.map(({ prefix }) => prefix)).toEqual(['/a', '/a/b']);
    expect(config.excludes.map(({ prefix }) => prefix)).toEqual(['/a/x', '/a/y']);
    expect(config.lines.includes).toBe(4);
    expect(configAt(text).includes).toHaveLength(1);
  });

  it('replaces all passphrases, and does not touch the cipher', () => {
    const text = `${WHOLE}SessionCryptoPassphrase more\nSessionCryptoCipher aes192\n${at('/a', 'SessionCryptoPassphrase inner')}`;
    expect(textsOf(text, '/a')).toEqual(['inner']);
    expect(configAt(text, '/a').cipher).toBe('aes192');
    expect(configAt(text).passphrases).toHaveLength(2);
  });

  it('takes name and attributes of a cookie together', () => {
    const text = `${WHOLE.replace('session\n', 'session path=/;HttpOnly;Secure\n')}${at('/a', 'SessionCookieName inner')}`;
    expect(configAt(text, '/a').cookie).toMatchObject({
      name: 'inner',
      attributes: { text: 'HttpOnly;Secure;Version=1' },
    });
  });

  it('with a directive of mod_session_dbd begins from the default labels', () => {
    const sql = ['mine', 'selectsession', 'insertsession', 'updatesession', 'deletesession'].map(
      (one, i) => `DBDPrepareSQL "SQL ${one}${' %s'.repeat([1, 1, 3, 4, 1][i]!)}" ${one}`,
    );
    const text = `Session On\nSessionCryptoPassphrase x\nSessionDBDCookieName id\nSessionDBDSelectLabel mine\n${sql.join('\n')}\n${at('/a', 'SessionDBDCookieRemove Off')}${at('/b', 'SessionMaxAge 1')}`;
    expect(configAt(text).selectLabel).toBe('mine');
    expect(configAt(text, '/a')).toMatchObject({
      selectLabel: 'selectsession',
      dbdCookie: { name: 'id' },
      dbdCookieRemove: false,
    });
    expect(configAt(text, '/a').lines.selectLabel).toBeUndefined();
    expect(configAt(text, '/b').selectLabel).toBe('mine');
  });
});

describe('the order', () => {
  it('is server, host, directories from short to long, locations in the order of the text', () => {
    const text = `
SessionMaxAge 1
${at('/a', 'SessionHeader main-location')}
${section('Directory /srv/a/b', 'SessionEnv Off\nSessionInclude /long')}
${section('Directory /srv/a', 'SessionEnv On\nSessionInclude /short')}
${section(
  'VirtualHost *',
  `ServerName h.example
DocumentRoot /srv
SessionMaxAge 2
SessionHeader host
${at('/a/b', 'SessionInclude /second\nSessionHeader host-location')}
${at('/a', 'SessionInclude /third')}`,
)}`;
    const config = configAt(text, '/a/b', 'h.example');
    expect(config).toMatchObject({ maxAge: 2, env: false, header: 'host-location' });
    expect(config.includes.map(({ prefix }) => prefix)).toEqual(['/short', '/long', '/second', '/third']);
    expect(configAt(text, '/a', 'h.example')).toMatchObject({ header: 'main-location', env: true });
    expect(configAt(text, undefined, 'h.example')).toMatchObject({ maxAge: 2, header: 'host' });
    expect(configAt(text, '/a').header).toBe('main-location');
    expect(configAt(text)).toMatchObject({ maxAge: 1, header: undefined });
  });

  it('of locations is that of the text, not that of their lengths', () => {
    const text = at('/a/b', 'SessionMaxAge 2') + at('/a', 'SessionMaxAge 1');
    expect(configAt(text, '/a').maxAge).toBe(1);
    expect(readDirectives(text).contexts.find(({ path }) => path === '/a/b')!.config.maxAge).toBe(1);
  });

  it('puts locations after directories, wherever the text has them', () => {
    const text = `${at('/a', 'SessionMaxAge 2')}DocumentRoot /srv\n${section('Directory /srv/a', 'SessionMaxAge 1')}`;
    expect(configAt(text, '/a').maxAge).toBe(2);
  });

  it('combines a passphrase of the host, a cookie of the server and a cipher of a location', () => {
    const text = `SessionCookieName session\n${section('VirtualHost *', `ServerName h.example\nSession On\nSessionCryptoPassphrase host\n${at('/a', 'SessionCryptoCipher aes128')}`)}`;
    expect(configAt(text, '/a', 'h.example')).toMatchObject({
      enabled: true,
      cipher: 'aes128',
      cookie: { name: 'session' },
    });
  });

  it('gives a host a context of its own wherever any host has one', () => {
    const text = `DocumentRoot /srv\n${section('Directory /srv/a', 'SessionMaxAge 1')}${section('VirtualHost *', 'ServerName h.example\nDocumentRoot /other\nSessionEnv On')}`;
    expect(configAt(text, '/a').maxAge).toBe(1);
    expect(configAt(text, '/a', 'h.example')).toMatchObject({ maxAge: 0, env: true });
  });
});

it('every setting has a row, and every row a setting with the default that the table shows', () => {
  const keys = DIRECTIVES.flatMap(({ key }) => key ?? []);
  expect(new Set(keys)).toEqual(new Set(Object.keys(DEFAULTS)));
  for (const { key, ...row } of DIRECTIVES.filter((one) => one.args === 'flag'))
    expect([row.name, row.default]).toEqual([row.name, DEFAULTS[key!] ? 'On' : 'Off']);
  for (const row of DIRECTIVES.filter((one) => one.args === 'label'))
    expect(row.default).toBe(DEFAULTS[row.key!]);
});
