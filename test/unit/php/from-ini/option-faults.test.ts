import { createClient } from 'redis';
import { describe, expect, it } from 'vitest';
import { SessionConfigError, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { fromPhpIni, PHP_SETTINGS, type FromPhpIniOptions, type PhpSetting } from 'nestjs-session-crypto/php';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';

const secrets = [`hex:${'11'.repeat(32)}`];
const redisClient = createClient();

type Type = PhpSetting['type'];

/** Values at the ends of each type, and some beyond. Those that PHP would not take have a fault of their own. */
const EXTREMES: Readonly<Record<Type, readonly string[]>> = {
  flag: ['On', 'Off', '""', '2', '-1'],
  quantity: ['0', '1', '2', '1000001', '5256001', '34560001', '315360001', '2147483647', '2147483648', '-1'],
  digits: ['4', '5', '6', '22', '26', '32', '250', '251', '256', '257'],
  decimal: ['0', '0.5', '999999999999999', '-1'],
  text: ['""', 'shop.example', '" "', 'http:/x', 'http://', 'https:x', '" http://a b/"', '"http://a?\\"', `"${'x'.repeat(9999)}"`],
  separator: ['"&"', '";"', '"&amp;"'],
  name: ['A', '__Host-A', '__Secure-A', '__Host-', '__Http-A', '"__host-http-a"', '"!#$%&\'*+-^_`|~"', 'a'.repeat(128), 'a'.repeat(129)],
  path: ['/', '""', '/shop', `/${'a'.repeat(1000)}`, `/${'a'.repeat(1001)}`],
  domain: ['""', 'a', '.shop.example', '-a', `${'a.'.repeat(126)}a`, `${'a.'.repeat(127)}a`],
  sameSite: ['"Strict"', '"Lax"', '"None"', '""', '"Laxx"'],
  handler: ['files', 'redis', 'memcached', '""'],
  savePath: ['""', '/srv/s', '"4;/srv/s"', '"5;/srv/s"', '"21;/srv/s"', '"22;/srv/s"', '"999;/srv/s"', '"0;0644;/srv/s"', '"0;7777;/srv/s"', '"0;0600;;"', '"tcp://a:1?prefix=%00"', '"tcp://a:1?prefix=a"'],
  serializer: ['php', 'php_serialize', 'php_binary', 'wddx'],
  limiter: ['nocache', 'private', 'private_no_expire', 'public', 'none', '""'],
  tags: ['""', '"a=href"', '"img=srcset"', '"a=ping"', '"a=onclick"', '"a:=href"', '"a_b=href"', '"FORM="', '"meta=content"'],
  hosts: ['""', 'a', '"-"', '"a_b.c"', '"."', '"a."', '"_"', 'shop.example'],
  frequency: ['1%', '0', '100%', '999999999', '101%'],
}; // prettier-ignore

/** What the rest of a php.ini can say, on the lines after the first. */
const SURROUNDINGS: Readonly<Record<string, readonly [readonly string[], Partial<FromPhpIniOptions>]>> = {
  'nothing else': [[], {}],
  'sealed files': [['session.save_path = /srv/s'], {}],
  'ids in pages': [
    ['session.save_path = /srv/s', 'session.use_only_cookies = Off', 'session.use_trans_sid = On'],
    {},
  ],
  'no HttpOnly': [['session.cookie_httponly = Off', 'session.cookie_lifetime = 1'], {}],
  'long ids': [['session.save_path = /srv/s', 'session.sid_length = 250'], { sharedUnsealed: true }],
  'shared files': [
    ['session.save_path = /srv/s', 'session.sid_bits_per_character = 6', 'session.cookie_lifetime = 3600'],
    { sharedUnsealed: true },
  ],
  'shared Redis': [
    ['session.save_handler = redis', 'session.save_path = "tcp://a:1"'],
    { sharedUnsealed: true, redisClient },
  ],
};

const LINES = PHP_SETTINGS.flatMap(({ name, type }) => EXTREMES[type].map((value) => `${name} = ${value}`));

/** Returns the options, or `undefined` if each fault has the line of a setting, its name or that of the client. */
function optionsOf(text: string, more: Partial<FromPhpIniOptions>): SessionCryptoOptions | undefined {
  try {
    return fromPhpIni(text, { secrets, ...more });
  } catch (error) {
    expect(error).toBeInstanceOf(SessionConfigError);
    for (const { path } of (error as SessionConfigError).faults)
      expect([text, path]).toEqual([
        text,
        expect.stringMatching(/^(?:php\.ini line \d+|session\.\w+|redisClient)$/),
      ]);
    return undefined;
  }
}

const faultsOf = (text: string, more: Partial<FromPhpIniOptions> = {}): string => {
  try {
    fromPhpIni(text, { secrets, ...more });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the options of fromPhpIni', () => {
  it.each(Object.entries(SURROUNDINGS))(
    'pass the checks of the start with every extreme value, beside %s',
    (_name, [rest, more]) => {
      let passed = 0;
      for (const line of LINES) {
        const name = line.split(' ')[0]!;
        const text = [line, ...rest.filter((one) => !one.startsWith(`${name} `))].join('\n');
        const options = optionsOf(text, more);
        if (!options) continue;
        passed++;
        expect(() => resolveOptions(options), text).not.toThrow();
      }
      expect(passed).toBeGreaterThan(LINES.length / 3);
    },
  );

  it('pass them with every pair of values of the settings that one option depends on', () => {
    const groups = [
      /gc_maxlifetime|cookie_lifetime/,
      /session\.name|httponly|secure|cookie_path|cookie_domain/,
    ];
    for (const group of groups)
      for (const one of LINES.filter((line) => group.test(line)))
        for (const other of LINES.filter(
          (line) => group.test(line) && !line.startsWith(one.split(' ')[0]!),
        )) {
          const options = optionsOf(`${one}\n${other}`, {});
          if (options) expect(() => resolveOptions(options), `${one}\n${other}`).not.toThrow();
        }
  });
});

describe('a fault of an option that a setting makes', () => {
  const inPages = 'session.save_path = /srv/s\nsession.use_only_cookies = Off\nsession.use_trans_sid = On\n';

  it('has the line of the setting, and names the option', () => {
    expect(faultsOf(`${inPages}session.trans_sid_tags = "a=href,img=srcset"`)).toContain(
      'php.ini line 4: session.trans_sid_tags makes the option id.transSid.tags.img, which is "srcset"; allowed is the name of an attribute',
    );
    expect(faultsOf('session.referer_check = http:/x')).toContain(
      'php.ini line 1: session.referer_check makes the option id.refererCheck.origins[0], which is "http:/x"',
    );
    expect(faultsOf('session.name = __Http-A\nsession.cookie_httponly = Off')).toContain(
      'php.ini line 1: session.name makes the option cookie.name, which begins with __Http-',
    );
  });

  it('has the name of the setting in the result of ini_get_all, once', () => {
    expect(faultsOf('{"session.referer_check":"http:/x"}')).toContain(
      '- session.referer_check: makes the option id.refererCheck.origins[0], which is',
    );
  });

  it('is listed with the others, and not where the line has a fault already', () => {
    const faults = faultsOf(
      'session.referer_check = http:/x\nsession.gc_divisor = 0\nsession.sid_length = 3',
    );
    expect(faults.match(/php\.ini line \d/g)).toEqual(['php.ini line 1', 'php.ini line 2', 'php.ini line 3']);
  });

  it('is left to the start where no setting makes the option', () => {
    expect(faultsOf('session.name = A', { secrets: [] })).toBe('');
  });

  it('shows nothing of session.save_path', () => {
    const path = 'session.save_handler = redis\nsession.save_path = "tcp://a:1?prefix=hunter2%00"';
    const said = faultsOf(path, { sharedUnsealed: true, redisClient });
    expect(said).toContain('php.ini line 2: session.save_path has a prefix with a zero byte');
    expect(said).not.toContain('hunter2');
  });
});

describe('what PHP can make and this package cannot share', () => {
  it('is an id of more than 250 characters', () => {
    const text = 'session.save_path = /srv/s\nsession.sid_length = 251';
    expect(faultsOf(text, { sharedUnsealed: true })).toContain(
      'php.ini line 2: session.sid_length is 251, and ids of more than 250 characters cannot be shared; write session.sid_length = 48',
    );
    expect(faultsOf(text)).toBe('');
  });

  it('is a folder with more than 21 levels', () => {
    const text = 'session.save_path = "22;/srv/s"';
    expect(faultsOf(text, { sharedUnsealed: true })).toContain(
      'php.ini line 1: session.save_path has a depth of 22, and at most 21 levels of folders can be shared',
    );
    expect(faultsOf(text)).toBe('');
  });
});
