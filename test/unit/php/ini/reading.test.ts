import { describe, expect, it } from 'vitest';
import { PHP_SETTINGS } from '../../../../lib/php/ini/settings-table.js';
import { PHP_VERSIONS } from '../../../../lib/php/ini/php-version.js';
import { readPhpIni } from '../../../../lib/php/ini/read-php-ini.js';
import { REMOVED_SETTINGS } from '../../../../lib/php/ini/removed-settings.js';
import { faultsOf, findingsOf, valueOf } from './excerpts.js';

/** The settings of Debian's php.ini of 8.2. */
const DEBIAN = `[PHP]
engine = On
output_buffering = 4096
error_reporting = E_ALL & ~E_DEPRECATED & ~E_STRICT
disable_functions =
; arg_separator.output = "&amp;"
include_path = ".:/usr/share/php"

[Session]
; where and how
session.save_handler = files
;session.save_path = "/var/lib/php/sessions"
session.use_strict_mode = 0
session.use_cookies = 1
session.use_only_cookies = 1
session.name = PHPSESSID
session.auto_start = 0
session.cookie_lifetime = 0
session.cookie_path = /
session.cookie_domain =
session.cookie_httponly =
session.cookie_samesite =
session.serialize_handler = php
session.gc_probability = 0
session.gc_divisor = 1000
session.gc_maxlifetime = 1440
session.referer_check =
session.cache_limiter = nocache
session.cache_expire = 180
session.use_trans_sid = 0
session.sid_length = 26
session.trans_sid_tags = "a=href,area=href,frame=src,form="
session.sid_bits_per_character = 5

[Assertion]
zend.assertions = -1
`;

/** The settings that the page session.security.ini of PHP's manual recommends. */
const MANUAL = `
session.cookie_lifetime=0
session.use_cookies=On
session.use_only_cookies=On
session.use_strict_mode=On
session.cookie_httponly=On
session.cookie_secure=On
session.cookie_samesite="Strict"
session.use_trans_sid=Off
session.cache_limiter="nocache"
session.sid_length="48"
session.sid_bits_per_character="6"
`;

describe('a php.ini', () => {
  it("like Debian's is read with its lines", () => {
    const { version, settings, findings } = readPhpIni(DEBIAN);
    expect(version).toBe('8.2');
    expect(settings['session.sid_length']).toEqual({ value: 26, given: true, at: 'php.ini line 31' });
    expect(settings['session.gc_divisor']).toEqual({ value: 1000, given: true, at: 'php.ini line 25' });
    expect(settings['session.cookie_httponly']).toEqual({
      value: false,
      given: true,
      at: 'php.ini line 21',
      empty: true,
    });
    expect(settings['session.save_path']).toMatchObject({ given: false, at: undefined });
    expect(settings['session.cookie_secure']).toEqual({ value: false, given: false, at: undefined });
    expect(findings).toEqual([
      { at: 'php.ini line 21', message: expect.stringContaining('session.cookie_httponly is off') },
      { at: 'php.ini line 24', message: expect.stringContaining('session.gc_probability is 0') },
    ]);
  });

  it("with the manual's advice is read without a finding", () => {
    expect(findingsOf(MANUAL)).toEqual([]);
    expect(valueOf(MANUAL, 'session.cookie_samesite')).toBe('strict');
    expect(valueOf(MANUAL, 'session.use_strict_mode')).toBe(true);
  });

  it('is frozen', () => {
    const ini = readPhpIni(DEBIAN);
    for (const one of [ini, ini.settings, ini.settings['session.name'], ini.findings])
      expect(Object.isFrozen(one)).toBe(true);
  });

  it('has the last of two values, and reports it', () => {
    const text = 'session.name = A\n[x]\nsession.name = B\n';
    expect(valueOf(text, 'session.name')).toBe('B');
    expect(findingsOf(text)).toEqual([
      '3: session.name replaces the value at php.ini line 1; remove one of the two',
    ]);
  });

  it('has all faults in one error, in the order of its lines', () => {
    const text = 'session.cookie_secure = 2x\nsession.use_cookies = 0\nsession.nme = A\nsession.name = 1\n';
    expect(faultsOf(text).map((one) => one.slice(0, 22))).toEqual([
      '1: session.cookie_secu',
      '2: session.use_cookies',
      '3: "session.nme" is un',
      '4: session.name is "1"',
    ]);
  });

  it('names the nearest setting for one that is unknown', () => {
    expect(faultsOf('session.cookie_same_site = Lax')).toEqual([
      '1: "session.cookie_same_site" is unknown, and PHP ignores it; write session.cookie_samesite if you meant that',
    ]);
    expect(faultsOf('Session.Name = A')).toEqual([
      expect.stringContaining('write session.name if you meant that'),
    ]);
    expect(faultsOf('session.zzzzzzzzzzzzzzzzz = A')).toEqual([
      '1: "session.zzzzzzzzzzzzzzzzz" is unknown, and PHP ignores it; remove the line',
    ]);
    expect(faultsOf('session.constructor = A')).toHaveLength(1);
  });

  it.each([undefined, null, 5, [], ['session.name'], () => ''])(
    'is a text or an object, and not %j',
    (source) => {
      expect(faultsOf(source)).toEqual([
        expect.stringMatching(/^php.ini: is .*; allowed: the text of a php.ini/),
      ]);
    },
  );

  it('has a version that is known', () => {
    expect(faultsOf('', { version: '7.4' as '8.2' })).toEqual([
      'version: is "7.4"; allowed: 8.2, 8.4, 8.5, 8.6; write the one that is nearest to your PHP',
    ]);
    for (const version of PHP_VERSIONS) expect(readPhpIni('', { version }).version).toBe(version);
  });
});

const PLAIN = {
  'session.name': 'A',
  'session.cookie_secure': '1',
  'session.gc_maxlifetime': '900',
  'date.timezone': null,
};
const DETAILS = Object.fromEntries(
  Object.entries(PLAIN).map(([name, value]) => [
    name,
    { global_value: value, local_value: value, access: 7 },
  ]),
);

describe('the result of ini_get_all', () => {
  it.each([
    ['an object', PLAIN],
    ['an object with details', DETAILS],
    ['JSON', JSON.stringify(PLAIN)],
    ['JSON with details', ` \n${JSON.stringify(DETAILS, undefined, 4)}`],
    ['JSON with a byte order mark', `\uFEFF${JSON.stringify(PLAIN)}`],
  ])('is read as %s', (_, source) => {
    const { settings, findings } = readPhpIni(source);
    expect(settings['session.name']).toEqual({ value: 'A', given: true, at: 'session.name' });
    expect(settings['session.cookie_secure'].value).toBe(true);
    expect(settings['session.gc_maxlifetime'].value).toBe(900);
    expect(settings['session.cookie_path'].given).toBe(false);
    expect(findings).toEqual([]);
  });

  it.each(['[]', '{}', ' {} '])('may be empty: %s', (source) => {
    expect(readPhpIni(source).settings).toEqual(readPhpIni('').settings);
  });

  it('has the value that PHP works with, and reports another one in php.ini', () => {
    const source = { 'session.name': { global_value: 'A', local_value: 'B', access: 7 } };
    expect(valueOf(source, 'session.name')).toBe('B');
    expect(findingsOf(source)).toEqual([
      'session.name: differs between local_value and global_value (php.ini); local_value is used',
    ]);
  });

  it('may have null for an empty text, and other scalars as PHP converts them', () => {
    expect(valueOf({ 'session.cookie_domain': null }, 'session.cookie_domain')).toBe('');
    expect(valueOf({ 'session.lazy_write': false }, 'session.lazy_write')).toBe(false);
    expect(valueOf({ 'session.auto_start': true }, 'session.auto_start')).toBe(true);
    expect(valueOf({ 'session.sid_length': 48 }, 'session.sid_length')).toBe(48);
  });

  it('has faults at the names of settings', () => {
    expect(
      faultsOf({
        'session.name': '1',
        'session.nme': 'A',
        'session.cookie_path': [],
        'session.sid_length': Number.NaN,
        other: [],
      }),
    ).toEqual([
      expect.stringMatching(/^session.name: is "1", which PHP ignores.*; allowed: the name of a cookie/),
      expect.stringMatching(/^session.nme: is unknown/),
      'session.cookie_path: is an empty array; allowed: a text, null, or an object with a local_value; write what ini_get_all("session") returns',
      expect.stringMatching(/^session.sid_length: is a number; allowed: a text/),
    ]);
  });

  it.each(['{', '{"a":', '{ x = 1 }'])('is a fault as %s', (source) => {
    expect(faultsOf(source)).toEqual([
      expect.stringMatching(/^php.ini: begins with { but is not valid JSON; write the output of php -r/),
    ]);
  });

  it('has None as a text, because no scanner has replaced it', () => {
    const source = { 'session.cookie_samesite': 'None', 'session.cookie_secure': '1' };
    expect(valueOf(source, 'session.cookie_samesite')).toBe('none');
  });
});

describe('a setting that PHP has removed', () => {
  it.each(REMOVED_SETTINGS)('$name is reported, and has no effect', ({ name, removed }) => {
    for (const value of ['4', '5', 'sha256', "'nonsense'", '']) {
      const { settings, findings } = readPhpIni(`${name} = ${value}`);
      expect(findings.map(({ message }) => message)).toEqual([
        expect.stringMatching(
          new RegExp(`^${name} was removed in PHP ${removed} and has no effect; remove the line`),
        ),
      ]);
      expect(settings).toEqual(readPhpIni('').settings);
    }
  });

  it('that set the form of ids names the settings that do so now', () => {
    expect(findingsOf('session.hash_function = 1')).toEqual([
      expect.stringContaining('or write session.sid_length and session.sid_bits_per_character'),
    ]);
  });
});

describe('a setting of some versions', () => {
  it('cookie_partitioned exists since 8.5', () => {
    const text = 'session.cookie_secure = 1\nsession.cookie_partitioned = 1';
    for (const version of ['8.5', '8.6'] as const)
      expect(valueOf(text, 'session.cookie_partitioned', { version })).toBe(true);
    for (const version of ['8.2', '8.4'] as const)
      expect(faultsOf(text, { version })).toEqual([
        `2: session.cookie_partitioned exists since PHP 8.5, but the version is ${version}; remove the line, or set version: '8.5'`,
      ]);
  });

  it.each([
    ['session.sid_length', '48', '32'],
    ['session.sid_bits_per_character', '5', '4'],
    ['session.use_only_cookies', '0', '1'],
    ['session.use_trans_sid', '1', '0'],
    ['session.trans_sid_tags', '"a=href"', '"a=href,area=href,frame=src,form="'],
    ['session.trans_sid_hosts', 'example.com', ''],
    ['session.referer_check', 'x', ''],
  ])('%s = %s is deprecated since 8.4, and %s is not', (name, value, fallback) => {
    const said = `1: ${name} is deprecated since PHP 8.4 with any value but its default`;
    expect(findingsOf(`${name} = ${value}`, { version: '8.4' })).toContain(said);
    expect(findingsOf(`${name} = ${value}`, { version: '8.2' })).not.toContain(said);
    expect(findingsOf(`${name} = ${fallback}`, { version: '8.6' })).toEqual([]);
  });

  it('is marked so in the table', () => {
    expect(PHP_SETTINGS.filter(({ deprecated }) => deprecated)).toHaveLength(7);
    expect(PHP_SETTINGS.filter(({ since }) => since).map(({ name }) => name)).toEqual([
      'session.cookie_partitioned',
    ]);
  });
});
