import { describe, expect, it } from 'vitest';
import { SessionConfigError } from 'nestjs-session-crypto';
import { fromPhpIni, type PhpFinding } from 'nestjs-session-crypto/php';
import { FileStore } from '../../../../lib/php/index.js';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';

const secrets = [`hex:${'11'.repeat(32)}`];
const from = (...lines: string[]) => fromPhpIni(lines.join('\n'), { secrets });

function faultsOf(...lines: string[]): string[] {
  try {
    from(...lines);
  } catch (error) {
    expect(error).toBeInstanceOf(SessionConfigError);
    return (error as SessionConfigError).faults.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('fromPhpIni', () => {
  it('leaves out what is not set, so that the defaults of this package hold and not those of PHP', () => {
    expect(from('[Session]')).toEqual({
      crypto: { secrets },
      cookie: {},
      id: {},
      session: {},
      cache: {},
      prune: {},
    });
    expect(resolveOptions(from('')).cookies.secure?.name).toBe('__Host-sid');
  });

  it('converts every setting that has an option', () => {
    const options = from(
      'session.name = SHOP',
      'session.cookie_lifetime = 3600',
      'session.cookie_path = /shop',
      'session.cookie_domain = shop.example',
      'session.cookie_secure = On',
      'session.cookie_httponly = On',
      'session.cookie_samesite = "Strict"',
      'session.gc_maxlifetime = 900',
      'session.gc_probability = 1',
      'session.gc_divisor = 1000',
      'session.cache_limiter = private',
      'session.cache_expire = 60',
      'session.auto_start = 1',
    );
    expect(options).toMatchObject({
      cookie: {
        name: 'SHOP',
        lifetime: 3600,
        path: '/shop',
        domain: 'shop.example',
        secure: true,
        httpOnly: true,
        sameSite: 'strict',
      },
      session: { idleTimeout: 900, load: 'eager' },
      cache: { limiter: 'private', expire: 60, phpHeaders: true },
      prune: { probability: 1, divisor: 1000 },
    });
    expect(() => resolveOptions(options)).not.toThrow();
  });

  it('keeps sessions in files if the path is set', () => {
    const { store } = from('session.save_path = "2;0600;/var/lib/shop"');
    expect(store).toBeInstanceOf(FileStore);
  });

  it('accepts ids from links and forms if PHP does', () => {
    const path = 'session.save_path = /var/lib/shop';
    const { id } = from(path, 'session.use_only_cookies = 0', 'session.referer_check = shop.example');
    expect(id).toEqual({
      sources: ['cookie', 'query', 'body'],
      refererCheck: { origins: ['shop.example'], match: 'substring' },
    });
  });

  it.each([
    ['http://shop.example/', 'http://shop.example'],
    ['"https://shop.example:8443"', 'https://shop.example:8443'],
    ['https://shop.example/cart/', 'https://shop.example'],
  ])('makes an origin of session.referer_check = %s, with a finding', (text, origin) => {
    const said: string[] = [];
    const { id } = fromPhpIni(`session.referer_check = ${text}`, {
      secrets,
      onFinding: ({ message }) => void said.push(message),
    });
    expect(id).toEqual({ refererCheck: { origins: [origin] } });
    expect(said).toContainEqual(
      `session.referer_check is compared as the origin "${origin}" here; PHP searches the text anywhere in the Referer header, so that http://evil.example/?${origin}/ passes there`,
    );
  });

  it('reports a text of session.referer_check that names no origin', () => {
    const said: string[] = [];
    fromPhpIni('session.referer_check = shop.example', {
      secrets,
      onFinding: ({ message }) => void said.push(message),
    });
    expect(said).toContainEqual(expect.stringMatching(/is searched anywhere.*write an origin such as/));
  });

  it('returns ids in the header where PHP does in its constant SID', () => {
    const { id } = from(
      'session.save_path = /var/lib/shop',
      'session.use_only_cookies = 0',
      'session.use_cookies = 0',
    );
    expect(id).toEqual({ sources: ['header', 'query', 'body'] });
  });

  it('puts ids into pages if PHP does', () => {
    const on = [
      'session.save_path = /var/lib/shop',
      'session.use_only_cookies = 0',
      'session.use_trans_sid = 1',
    ];
    expect(from(...on).id).toMatchObject({ sources: ['cookie', 'query', 'body'], transSid: {} });
    const tags = ['session.trans_sid_tags = "a=href,form="', 'session.trans_sid_hosts = B.example'];
    expect(from(...on, ...tags).id?.transSid).toEqual({
      tags: { a: 'href', form: '' },
      hosts: ['b.example'],
    });
    expect(from(...on, 'url_rewriter.tags = "img=src"').id?.transSid).toEqual({ tags: { img: 'src' } });
    expect(() => resolveOptions(from(...on, ...tags))).not.toThrow();
    expect(from(...on.toSpliced(1, 1)).id).toEqual({});
  });

  it('reads the result of ini_get_all, in which everything counts as set', () => {
    const { cookie } = fromPhpIni('{"session.name":"SHOP","session.cookie_httponly":"0"}', { secrets });
    expect(cookie).toEqual({ name: 'SHOP', httpOnly: false });
  });

  it.each([
    [
      'session.save_handler = redis',
      /is redis, whose sessions PHP does not seal; pass sharedUnsealed: true and redisClient/,
    ],
    ['session.use_only_cookies = 0', /is off, which needs sessions on the server; write session.save_path/],
    ['session.cokie_path = /', /write session\.cookie_path if you meant that/],
  ])('refuses %s', (line, fault) => {
    expect(faultsOf(line).join('\n')).toMatch(fault);
  });

  it('lists what it cannot follow together with what it cannot read, in the order of the lines', () => {
    const faults = faultsOf(
      'session.save_handler = redis\nsession.use_only_cookies = 0\nsession.gc_divisor = 0\nerror_reporting = E_ALL & ~',
    );
    expect(faults.map((one) => /line (\d)/.exec(one)?.[1])).toEqual(['1', '2', '3', '4']);
  });

  it('asks for no folder where the one that is written has a fault', () => {
    const faults = faultsOf('session.use_only_cookies = 0\nsession.save_path = sessions');
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/line 2.*no absolute path/);
  });

  it('reports where sessions are that PHP keeps in its built-in folder', () => {
    const of = (source: string) => {
      const said: string[] = [];
      fromPhpIni(source, { secrets, onFinding: ({ at, message }) => void said.push(`${at}: ${message}`) });
      return said.join('\n');
    };
    const none = of('session.save_handler = files\nsession.serialize_handler = php');
    expect(none).toContain(
      "session.save_path: is not set, so PHP uses its built-in folder, but here sessions go into the cookie (2.9 KB, no revocation); write store: fileStore({ path }), or pass ini_get_all's JSON",
    );
    expect(none).toMatch(/serialize_handler has no effect here: sessions are sealed/);
    const empty = of('{"session.save_path":""}');
    expect(empty).toMatch(/^session.save_path: is not set, .*write store: fileStore\(\{ path \}\)$/m);
    expect(of('session.save_path = /srv/sessions')).not.toMatch(/save_path:? is not set/);
  });

  it('reports where it is stronger than the settings', () => {
    const findings: PhpFinding[] = [];
    const text = 'session.use_strict_mode = 0\nsession.cookie_secure = 0\nsession.sid_length = 32';
    fromPhpIni(text, { secrets, onFinding: (finding) => void findings.push(finding) });
    const said = findings.map(({ message }) => message).join('\n');
    expect(said).toMatch(/use_strict_mode is off, but strict mode is always on here/);
    expect(said).toMatch(/cookie_secure is off, but here it is 'auto'/);
    expect(said).toMatch(/sid_length has no effect here: ids always have 256 random bits/);
  });
});

describe('a finding', () => {
  const of = (source: string, options: object = {}) => {
    const said: string[] = [];
    fromPhpIni(source, { secrets, ...options, onFinding: ({ message }) => void said.push(message) });
    return said.join('\n');
  };

  it('says that session.gc_probability has no effect on sessions in the cookie', () => {
    const why = /gc_probability has no effect while sessions go into the cookie/;
    expect(of('session.gc_probability = 1')).toMatch(why);
    expect(of('session.gc_probability = 0')).not.toMatch(why);
    expect(of('session.gc_divisor = 1000')).not.toMatch(why);
    expect(of('session.gc_probability = 1\nsession.save_path = /srv/s')).not.toMatch(why);
  });

  it('says of session.referer_check that it does not check the ids of cookies', () => {
    const why = /referer_check drops the id of a cookie too in PHP if .*; use RefererGuard/;
    const check = 'session.save_path = /srv/s\nsession.referer_check = shop.example';
    expect(of(`${check}\nsession.use_only_cookies = 0`)).toMatch(why);
    expect(of(check)).not.toMatch(why);
  });

  it('says what session.auto_start and a cache limiter with a time do differently', () => {
    const said = of('session.auto_start = 1\nsession.cache_limiter = public');
    expect(said).toMatch(
      /auto_start gives every visitor a session .*; here an empty session is neither stored/,
    );
    expect(said).toMatch(/cache_limiter sends no Last-Modified here/);
    expect(of('session.auto_start = 0\nsession.cache_limiter = nocache')).not.toMatch(/auto_start|Last-Mod/);
  });

  it('advises 32 or more characters for ids that PHP shares', () => {
    const stock = 'session.save_path = /srv/s\nsession.sid_length = 26\nsession.sid_bits_per_character = 5';
    const why = /sid_length is 26, but PHP's manual advises 32 or more characters/;
    expect(of(stock, { sharedUnsealed: true })).toMatch(why);
    expect(of(stock)).not.toMatch(/advises/);
    for (const rest of ['session.sid_length = 32', ''])
      expect(of(`session.save_path = /srv/s\n${rest}`, { sharedUnsealed: true })).not.toMatch(/advises/);
  });
});

describe('session.cookie_httponly', () => {
  it.each(['', '""', "''", '; comment'])(
    'set to %j, as in every stock php.ini, leaves our default',
    (text) => {
      expect(from(`session.cookie_httponly = ${text}`).cookie).toEqual({});
      expect(fromPhpIni('{"session.cookie_httponly":""}', { secrets }).cookie).toEqual({});
    },
  );

  it.each(['Off', '0', 'no', 'false', '"0"'])('written as %s is carried over', (text) => {
    expect(from(`session.cookie_httponly = ${text}`).cookie).toEqual({ httpOnly: false });
  });

  it.each(['On', '1', 'yes', '"on"'])('written as %s is on', (text) => {
    expect(from(`session.cookie_httponly = ${text}`).cookie).toEqual({ httpOnly: true });
  });
});

describe('the ids of files that PHP shares', () => {
  const idOf = (text: string) =>
    fromPhpIni(`session.save_path = /srv/s\n${text}`, { sharedUnsealed: true } as never).id;

  it("have PHP's own form where nothing sets it, and removed settings set nothing", () => {
    for (const text of ['', 'session.hash_function = sha256', 'session.hash_bits_per_character = 6'])
      expect(idOf(text)).toMatchObject({ length: 32, bitsPerCharacter: 4 });
  });

  it('have the form that is set', () => {
    expect(idOf('session.sid_length = 48')).toMatchObject({ length: 48, bitsPerCharacter: 4 });
    expect(idOf('session.sid_bits_per_character = 6')).toMatchObject({ length: 32, bitsPerCharacter: 6 });
  });
});
