import { describe, expect, it } from 'vitest';
import { PHP_SETTINGS, type SettingName } from '../../../../lib/php/ini/settings-table.js';
import { readPhpIni } from '../../../../lib/php/ini/read-php-ini.js';
import { faultsOf, findingsOf, valueOf } from './excerpts.js';

/** The settings that another one needs to be read without a fault. */
const BESIDE: Readonly<Record<string, string>> = {
  'session.cookie_samesite': 'session.cookie_secure = 1\n',
  'session.cookie_partitioned': 'session.cookie_secure = 1\n',
  'session.use_cookies': 'session.use_only_cookies = 0\n',
  'session.sid_length': 'session.sid_bits_per_character = 6\n',
  'session.sid_bits_per_character': 'session.sid_length = 256\n',
};
const written = (name: string, value: string) =>
  `${BESIDE[name] ?? ''}${name} = '${value}'\n`.replace("''", '');
const FLAGS = PHP_SETTINGS.filter(({ type }) => type === 'flag').map(({ name }) => name);

type Case = readonly [SettingName, string, unknown];

describe('a setting', () => {
  // prettier-ignore
  it.each<Case>([
    ['session.name', 'MYSID', 'MYSID'],
    ['session.name', '__x-sid', '__x-sid'],
    ['session.name', '1abc', '1abc'],
    ['session.name', '0x1', '0x1'],
    ['session.cookie_lifetime', '0', 0],
    ['session.cookie_lifetime', '', 0],
    ['session.cookie_lifetime', '31536000', 31_536_000],
    ['session.cookie_lifetime', '0x10', 16],
    ['session.cookie_lifetime', '2147483647', 2_147_483_647],
    ['session.cookie_path', '/a b,c', '/a b,c'],
    ['session.cookie_path', '', ''],
    ['session.cookie_domain', '', ''],
    ['session.cookie_domain', 'example.com', 'example.com'],
    ['session.cookie_domain', '.example.com', '.example.com'],
    ['session.cookie_samesite', '', undefined],
    ['session.cookie_samesite', 'Lax', 'lax'],
    ['session.cookie_samesite', 'strict', 'strict'],
    ['session.cookie_samesite', 'None', 'none'],
    ['session.sid_length', '22', 22],
    ['session.sid_length', '256', 256],
    ['session.sid_length', '+40', 40],
    ['session.sid_length', ' 32', 32],
    ['session.sid_bits_per_character', '4', 4],
    ['session.sid_bits_per_character', '05', 5],
    ['session.sid_bits_per_character', '6', 6],
    ['session.gc_maxlifetime', '1', 1],
    ['session.gc_maxlifetime', '2K', 2048],
    ['session.gc_maxlifetime', '010', 8],
    ['session.gc_maxlifetime', '0o10', 8],
    ['session.gc_maxlifetime', '0b11', 3],
    ['session.gc_maxlifetime', ' 5 k ', 5120],
    ['session.gc_maxlifetime', '1G', 1_073_741_824],
    ['session.gc_probability', '0', 0],
    ['session.gc_probability', '', 0],
    ['session.gc_divisor', '1000', 1000],
    ['session.save_handler', 'Files', 'files'],
    ['session.save_handler', 'redis', 'redis'],
    ['session.save_path', '/var/lib/php', { depth: 0, mode: 0o600, path: '/var/lib/php' }],
    ['session.save_path', '3;/var/lib/php', { depth: 3, mode: 0o600, path: '/var/lib/php' }],
    ['session.save_path', '0;640;/var/lib/php', { depth: 0, mode: 0o640, path: '/var/lib/php' }],
    ['session.save_path', '31;07600;/a;b;c', { depth: 31, mode: 0o7600, path: '/a;b;c' }],
    ['session.save_path', 'C:\\php', { depth: 0, mode: 0o600, path: 'C:\\php' }],
    ['session.save_path', '', { depth: 0, mode: 0o600, path: '' }],
    ['session.serialize_handler', 'php', 'php'],
    ['session.serialize_handler', 'PHP_Serialize', 'php_serialize'],
    ['session.serialize_handler', 'php_binary', 'php_binary'],
    ['session.cache_limiter', 'NoCache', 'nocache'],
    ['session.cache_limiter', 'private', 'private'],
    ['session.cache_limiter', 'private_no_expire', 'private_no_expire'],
    ['session.cache_limiter', 'public', 'public'],
    ['session.cache_limiter', '', 'none'],
    ['session.cache_limiter', 'none', 'none'],
    ['session.cache_expire', '0', 0],
    ['session.cache_expire', '1k', 1024],
    ['session.trans_sid_tags', '', new Map()],
    ['session.trans_sid_tags', 'A=href,form=,a=SRC', new Map([['a', 'href'], ['form', '']])],
    ['session.trans_sid_hosts', 'Example.com,127.0.0.1', ['example.com', '127.0.0.1']],
    ['session.trans_sid_hosts', '', []],
    ['session.referer_check', 'https://example.com/', 'https://example.com/'],
    ['session.upload_progress.prefix', '', ''],
    ['session.upload_progress.name', 'up', 'up'],
    ['session.upload_progress.freq', '0', { bytes: 0 }],
    ['session.upload_progress.freq', '4096', { bytes: 4096 }],
    ['session.upload_progress.freq', '0%', { percent: 0 }],
    ['session.upload_progress.freq', '100%', { percent: 100 }],
    ['session.upload_progress.min_freq', '0.5', 0.5],
    ['session.upload_progress.min_freq', '1', 1],
    ['arg_separator.output', '&amp;', '&amp;'],
    ['url_rewriter.tags', 'form=', new Map([['form', '']])],
    ['url_rewriter.hosts', 'example.com', ['example.com']],
  ])('%s = %j is read', (name, value, expected) => {
    expect(valueOf(written(name, value), name)).toEqual(expected);
  });

  // prettier-ignore
  it.each<readonly [SettingName, string, RegExp]>([
    ...['', '12', '-5', '+5', '1e3', 'a[b', 'a b', 'a=b', 'a.b', 'a]b', 'sés', 'a;b', 'a,b', 'x'.repeat(129)].map((one) => ['session.name', one, /the name of a cookie/] as const),
    ['session.cookie_lifetime', '-1', /allowed: a whole number of seconds from 0 to 2147483647; write for example session.cookie_lifetime = 0$/],
    ['session.cookie_lifetime', '9223372036854775807', /from 0 to 2147483647/],
    ['session.cookie_lifetime', 'abc', /a whole number of seconds .*, also with K, M or G/],
    ['session.cookie_lifetime', '1.5', /a whole number/],
    ['session.cookie_lifetime', '08', /a whole number/],
    ['session.cookie_path', '/a;b', /begins with \/, .* without a semicolon/],
    ['session.cookie_path', 'a', /begins with \//],
    ['session.cookie_path', '/a\tb', /printable ASCII characters/],
    ['session.cookie_domain', 'example.com:8080', /without a port/],
    ['session.cookie_domain', 'a;b', /name of a domain/],
    ['session.cookie_samesite', 'Bogus', /strict, lax, none/],
    ['session.cookie_samesite', 'None; Partitioned', /strict, lax, none/],
    ['session.cookie_samesite', 'stritc', /write session.cookie_samesite = strict if you meant that/],
    ...['21', '257', '0', '-1'].map((one) => ['session.sid_length', one, /from 22 to 256/] as const),
    ...['', '32abc', '32 ', '1e2', '0x20', '26.0'].map((one) => ['session.sid_length', one, / in decimal digits;/] as const),
    ['session.sid_bits_per_character', '3', /from 4 to 6/],
    ['session.sid_bits_per_character', '7', /from 4 to 6/],
    ['session.sid_bits_per_character', '5x', / in decimal digits;/],
    ['session.gc_maxlifetime', '0', /with which PHP ends every session; .* write for example session.gc_maxlifetime = 1440$/],
    ['session.gc_maxlifetime', '', /from 1 to 2147483647/],
    ['session.gc_maxlifetime', '-1440', /from 1 to 2147483647/],
    ...['0x', '0x0B', '0o', '0 K', 'K', '--1', '1e3', '1_000', '\u00a05'].map((one) => ['session.gc_maxlifetime', one, /a whole number/] as const),
    ['session.gc_maxlifetime', '1KB', /a whole number/],
    ['session.gc_maxlifetime', '4G', /from 1 to 2147483647/],
    ['session.gc_probability', '-1', /\(0 for never\)/],
    ['session.gc_divisor', '0', /which PHP 8.2 takes for 1; .*\(1 for every request\)/],
    ['session.save_handler', 'memcached', /allowed: files, redis; .* set the option store/],
    ['session.save_handler', 'user', /allowed: files, redis; .* set the option store/],
    ['session.save_handler', '', /allowed: files, redis/],
    ['session.save_path', 'N;/var', /no number before its first semicolon; allowed: .* write for example/],
    ['session.save_path', ';/var', /no number before its first semicolon; allowed: .* write for example/],
    ['session.save_path', '-1;/var', /no number before its first semicolon; allowed: .* write for example/],
    ['session.save_path', '1;9;/var', /no octal mode/],
    ['session.save_path', '1;10000;/var', /no octal mode/],
    ['session.save_path', '1;;/var', /no octal mode/],
    ['session.save_path', '1;0;/var', /keeps the owner out/],
    ['session.save_path', 'sessions', /no absolute path; allowed: .* begins with \//],
    ['session.save_path', '2;', /no absolute path/],
    ['session.save_path', '/a\tb', /without control characters/],
    ['session.serialize_handler', 'wddx', /php, php_serialize, php_binary/],
    ['session.serialize_handler', 'igbinary', /php, php_serialize, php_binary/],
    ['session.cache_limiter', 'no-cache', /write session.cache_limiter = nocache if you meant that/],
    ['session.cache_limiter', ' nocache', /nocache, private/],
    ['session.cache_expire', '-10', /from 0 to 2147483647/],
    ['session.trans_sid_tags', 'a=href, form=', /of which PHP ignores a part; .* without blanks/],
    ['session.trans_sid_tags', 'a', /tag=attribute/],
    ['session.trans_sid_tags', 'a=href,', /tag=attribute/],
    ['session.trans_sid_hosts', 'example.com:80', /without blanks and ports/],
    ['session.trans_sid_hosts', 'a, b', /without blanks and ports/],
    ['session.upload_progress.freq', '101%', /0% to 100%/],
    ['session.upload_progress.freq', '-1', /a number of bytes/],
    ['session.upload_progress.freq', '', /a number of bytes/],
    ['session.upload_progress.freq', '1K', /a number of bytes/],
    ['session.upload_progress.min_freq', '-1', /a number of seconds/],
    ['session.upload_progress.min_freq', 'x', /a number of seconds/],
    ['arg_separator.output', '', /which PHP refuses; .*not empty/],
    ['url_rewriter.tags', 'x', /tag=attribute/],
    ['url_rewriter.hosts', '*', /names of hosts/],
  ])('%s = %j is a fault', (name, value, why) => {
    const faults = faultsOf(written(name, value));
    expect(faults).toEqual([expect.stringMatching(why)]);
    expect(faults[0]).toContain(`: ${name} `);
  });

  it.each(FLAGS)('%s is on or off', (name) => {
    const options = { version: '8.5' } as const;
    const at = (value: string) => valueOf(`${BESIDE[name] ?? ''}${name} = ${value}\n`, name, options);
    for (const on of ['On', 'yes', 'TRUE', '"true"', '1', '2', '-1', ' 5', '4294967297'])
      expect([on, at(on)]).toEqual([on, true]);
    if (name !== 'session.use_cookies')
      for (const off of [
        'Off',
        'no',
        'None',
        'false',
        'null',
        '',
        '0',
        '"off"',
        '00',
        '4294967296',
        '21474836480',
      ])
        expect([off, at(off)]).toEqual([off, false]);
    for (const [bad, php] of [
      ['maybe', 'Off'],
      ['0x', 'Off'],
      ['2abc', 'On'],
      ['ture', 'Off'],
      ['1.0', 'On'],
    ] as const)
      expect(faultsOf(`${name} = ${bad}`, options)).toContainEqual(
        `1: ${name} is "${bad}", which PHP takes for ${php}; allowed: On or Off; write ${name} = On, or ${name} = Off`,
      );
  });

  it.each(PHP_SETTINGS.map(({ name }) => name))('%s that is not set has the compiled default', (name) => {
    expect(readPhpIni('').settings[name]).toMatchObject({ given: false, at: undefined });
  });
});

describe('the compiled defaults', () => {
  it("are those of PHP's source", () => {
    const { settings } = readPhpIni('');
    const values = Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]));
    const tags = [
      ['a', 'href'],
      ['area', 'href'],
      ['frame', 'src'],
      ['form', ''],
    ] as const;
    expect(values).toEqual({
      'session.name': 'PHPSESSID',
      'session.cookie_lifetime': 0,
      'session.cookie_path': '/',
      'session.cookie_domain': '',
      'session.cookie_secure': false,
      'session.cookie_httponly': false,
      'session.cookie_samesite': undefined,
      'session.cookie_partitioned': false,
      'session.use_cookies': true,
      'session.use_only_cookies': true,
      'session.use_strict_mode': false,
      'session.sid_length': 32,
      'session.sid_bits_per_character': 4,
      'session.gc_maxlifetime': 1440,
      'session.gc_probability': 1,
      'session.gc_divisor': 100,
      'session.save_handler': 'files',
      'session.save_path': { depth: 0, mode: 0o600, path: '' },
      'session.serialize_handler': 'php',
      'session.lazy_write': true,
      'session.auto_start': false,
      'session.cache_limiter': 'nocache',
      'session.cache_expire': 180,
      'session.use_trans_sid': false,
      'session.trans_sid_tags': new Map(tags),
      'session.trans_sid_hosts': [],
      'session.referer_check': '',
      'arg_separator.output': '&',
      'url_rewriter.tags': new Map([['form', '']]),
      'url_rewriter.hosts': [],
      'session.upload_progress.enabled': true,
      'session.upload_progress.cleanup': true,
      'session.upload_progress.prefix': 'upload_progress_',
      'session.upload_progress.name': 'PHP_SESSION_UPLOAD_PROGRESS',
      'session.upload_progress.freq': { percent: 1 },
      'session.upload_progress.min_freq': 1,
    });
  });

  it('differ in 8.6', () => {
    const strict = (version: '8.2' | '8.5' | '8.6') => {
      const { settings } = readPhpIni('', { version });
      return [
        settings['session.use_strict_mode'].value,
        settings['session.cookie_httponly'].value,
        settings['session.cookie_samesite'].value,
      ];
    };
    expect(strict('8.5')).toEqual([false, false, undefined]);
    expect(strict('8.6')).toEqual([true, true, 'lax']);
  });

  it('give no finding', () => {
    expect(findingsOf('')).toEqual([]);
  });
});

describe('None without quotes', () => {
  it('is empty for PHP, and a fault as SameSite', () => {
    expect(faultsOf('session.cookie_secure = 1\nsession.cookie_samesite = None')).toEqual([
      '2: session.cookie_samesite is None without quotes, which PHP takes for an empty text; allowed: "Strict", "Lax" and "None" in quotes, or nothing; write session.cookie_samesite = "None"',
    ]);
    expect(valueOf('session.cache_limiter = none', 'session.cache_limiter')).toBe('none');
    expect(valueOf('session.cookie_samesite =', 'session.cookie_samesite')).toBeUndefined();
  });
});

describe('save_path', () => {
  it('is not read for other handlers, and no message shows it', () => {
    const text = 'session.save_handler = redis\nsession.save_path = "tcp://127.0.0.1:6379?auth=hunter2"\n';
    const { settings, findings } = readPhpIni(text);
    expect(settings['session.save_path']).toEqual({ value: undefined, given: true, at: 'php.ini line 2' });
    expect(findings).toEqual([]);
    const faults = faultsOf(text.replace('redis', 'files'));
    expect(faults).toEqual([expect.stringContaining('no absolute path')]);
    expect(faults.join()).not.toContain('hunter2');
  });

  it('is reported if other users can use the files', () => {
    expect(findingsOf('session.save_path = "0;644;/srv/s"')).toEqual([
      expect.stringContaining('users other than the owner'),
    ]);
    for (const shared of ['/tmp', '/var/tmp/', ''])
      expect(findingsOf(`session.save_path = "${shared}"`)).toEqual([expect.stringContaining('all users')]);
    expect(findingsOf('session.save_path = /tmp/own')).toEqual([]);
  });
});
