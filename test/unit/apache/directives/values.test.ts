import { describe, expect, it } from 'vitest';
import { readDirectives } from '../../../../lib/apache/directives/read-directives.js';
import { configAt, faultsOf, findingsOf, secretsOf, WHOLE } from './excerpts.js';

describe('flags', () => {
  it.each([
    ['SessionEnv On', true],
    ['SessionEnv oFF', false],
    ['SessionEnv "on"', true],
  ])('%s', (line, env) => {
    expect(configAt(line).env).toBe(env);
  });

  it('are On or Off and nothing else', () => {
    expect(faultsOf('SessionEnv yes')).toEqual(['1: SessionEnv is "yes"; allowed are On and Off']);
    expect(faultsOf('SessionEnv')).toEqual(['1: SessionEnv has no value; allowed are On and Off']);
  });

  it('are followed by text that httpd ignores, which is a finding', () => {
    expect(findingsOf('SessionEnv On # for the app')).toEqual([
      '1: SessionEnv: httpd ignores the text after On; put a comment on its own line',
    ]);
  });
});

describe('seconds', () => {
  it('are whole numbers from 0 on', () => {
    const config = configAt('SessionMaxAge 1800\nSessionExpiryUpdateInterval 300');
    expect(config).toMatchObject({ maxAge: 1800, updateInterval: 300 });
    expect(configAt('SessionMaxAge 0').maxAge).toBe(0);
  });

  it.each([
    ['SessionMaxAge ten', 'httpd would read 0'],
    ['SessionMaxAge 30m', 'httpd would read 30'],
    ['SessionMaxAge 1.5', 'httpd would read 1'],
    ['SessionMaxAge -1', 'with a negative number httpd saves no session'],
    ['SessionExpiryUpdateInterval -1', 'with a negative number'],
    ['SessionMaxAge 99999999999', 'at most 2147483647'],
    ['SessionMaxAge', 'has no value'],
    ['SessionMaxAge 5 # five', 'has 3 words; allowed is one word (put a comment on its own line)'],
    ['SessionMaxAge "5', 'has a quote that is not closed'],
  ])('%s is a fault', (line, why) => {
    expect(faultsOf(line)).toEqual([expect.stringContaining(why)]);
  });
});

describe('paths and headers', () => {
  it('are kept with their lines', () => {
    const config = configAt(
      'SessionHeader X-Replace-Session\nSessionInclude /a\nSessionInclude "/b c"\nSessionExclude /a/x',
    );
    expect(config.header).toBe('X-Replace-Session');
    expect(config.includes).toEqual([
      { prefix: '/a', line: 2 },
      { prefix: '/b c', line: 3 },
    ]);
    expect(config.excludes).toEqual([{ prefix: '/a/x', line: 4 }]);
  });

  it.each([
    'SessionInclude app',
    'SessionExclude *',
    'SessionHeader "X Y"',
    'SessionHeader X:',
    'SessionInclude /a /b',
  ])('%s is a fault', (line) => {
    expect(faultsOf(line)).toHaveLength(1);
  });
});

describe('cookies', () => {
  it("have httpd's attributes when none are written", () => {
    expect(configAt('SessionCookieName session').cookie).toEqual({
      name: 'session',
      line: 1,
      attributes: {
        text: 'HttpOnly;Secure;Version=1',
        httpOnly: true,
        secure: true,
        notCarried: [],
      },
    });
  });

  it('have the attributes that are written, and the text as it is', () => {
    const text =
      'path=/app; Domain=example.com;httponly ;SECURE;samesite=Strict;Max-Age=60;expires=Thu, 01 Jan 2026 00:00:00 GMT;Priority=low;Partitioned;version=1';
    expect(configAt(`SessionDBDCookieName id \t ${text}`).dbdCookie).toEqual({
      name: 'id',
      line: 1,
      attributes: {
        text,
        path: '/app',
        domain: 'example.com',
        httpOnly: true,
        secure: true,
        sameSite: 'strict',
        maxAge: 60,
        priority: 'low',
        partitioned: true,
        notCarried: ['expires=Thu, 01 Jan 2026 00:00:00 GMT'],
      },
    });
  });

  it('are a finding if their attributes drop the defaults', () => {
    expect(findingsOf('SessionCookieName session path=/')).toEqual([
      "1: SessionCookieName: these attributes replace httpd's default, so httpd's own cookie goes without HttpOnly and Secure; here the cookie has HttpOnly, and Secure on a secure connection; add ;HttpOnly;Secure for httpd",
    ]);
    expect(findingsOf('SessionCookieName session path=/;HttpOnly;Secure')).toEqual([]);
  });

  it.each(['SessionCookieName', 'SessionDBDCookieName'])('%s without a path is a finding', (directive) => {
    const why = `1: ${directive}: there is no path, so a browser keeps httpd's cookie for the folder of the request, beside the one of this package for /; with two values httpd has no session (AH00011);`;
    expect(findingsOf(`${directive} session`)).toEqual([
      `${why} write path=/;HttpOnly;Secure behind the name for httpd`,
    ]);
    expect(findingsOf(`${directive} session HttpOnly;Secure`)).toEqual([`${why} add ;path=/ for httpd`]);
  });

  it('are a finding for each attribute that no option expresses', () => {
    const text =
      'path=/;HttpOnly;Secure;Expires=Thu, 01 Jan 2099 00:00:00 GMT;Partitioned;Flavour=sweet;Version=1';
    expect(findingsOf(`SessionCookieName session ${text}`)).toEqual([
      '1: SessionCookieName: the cookie here is sent without the attribute "Expires=Thu, 01 Jan 2099 00:00:00 GMT"; remove it for httpd too',
      '1: SessionCookieName: the cookie here is sent without the attribute "Flavour=sweet"; remove it for httpd too',
    ]);
  });

  it.each([
    ['SessionCookieName', 'has no value; write the name of a cookie'],
    ['SessionCookieName a=b', 'is "a=b"; allowed is the name of a cookie: 1 to 128 characters'],
    [`SessionCookieName ${'a'.repeat(129)}`, 'allowed is the name of a cookie: 1 to 128 characters'],
    ['SessionCookieName a&b', 'is "a&b"'],
    ['SessionCookieName a;b', 'is "a;b"'],
    ['SessionDBDCookieName a;b', 'is "a;b"'],
    ['SessionCookieName2 a,b', 'is "a,b"'],
    ['SessionCookieName "session" path=/', 'begins with a quote'],
    ['SessionCookieName session "path=/;HttpOnly"', 'has its attributes in quotes'],
    ['SessionCookieName session path=/ HttpOnly', 'has a blank inside an attribute'],
    ['SessionCookieName session HttpOnly Secure', 'has a blank inside an attribute'],
    ['SessionCookieName session HtpOnly;Secure', 'is HttpOnly meant?'],
    ['SessionCookieName session Secur', 'is Secure meant?'],
    ['SessionCookieName session SameSite=Relaxed', 'allowed are Lax, Strict and None'],
    ['SessionCookieName session Priority=top', 'allowed are Low, Medium and High'],
    ['SessionCookieName session path=app', 'does not begin with /'],
    ['SessionCookieName session domain=', 'has an empty Domain'],
    ['SessionCookieName session max-age=1h', 'no whole number of seconds'],
    ['SessionCookieName session max-age=0', 'delete the cookie at once'],
    ['SessionCookieName session max-age=-1', 'delete the cookie at once'],
  ])('%s is a fault', (line, why) => {
    expect(faultsOf(line)).toEqual([expect.stringContaining(why)]);
  });
});

describe('ciphers', () => {
  it.each(['3des192', 'aes128', 'aes192', 'aes256'])('%s is one', (name) => {
    expect(configAt(`SessionCryptoCipher ${name}`).cipher).toBe(name);
  });

  it('are four, by exact name', () => {
    expect(faultsOf('SessionCryptoCipher AES256')).toEqual([
      '1: SessionCryptoCipher is "AES256"; allowed are 3des192, aes128, aes192, aes256; is aes256 meant?',
    ]);
    expect(faultsOf('SessionCryptoCipher chacha20poly1305')).toEqual([
      '1: SessionCryptoCipher is "chacha20poly1305"; allowed are 3des192, aes128, aes192, aes256',
    ]);
  });
});

describe('passphrases', () => {
  const lines = (...words: string[]) =>
    `Session On\nSessionCookieName s path=/;HttpOnly;Secure\n${words.map((one) => `SessionCryptoPassphrase ${one}`).join('\n')}`;

  it('are the words of the line, in order, and of several lines', () => {
    expect(secretsOf(lines(String.raw`one "two words" 'thr\'ee' back\slash`, 'five'))).toEqual([
      'one',
      'two words',
      "thr'ee",
      String.raw`back\slash`,
      'five',
    ]);
  });

  it('are followed by files in the order of the lines', () => {
    expect(
      secretsOf(`${lines('a')}\nSessionCryptoPassphraseFile /etc/keys\nSessionCryptoPassphrase b`),
    ).toEqual(['a', { file: '/etc/keys' }, 'b']);
  });

  it('come from programs, whose path begins at ServerRoot', () => {
    const text = `ServerRoot /etc/httpd\n${lines('"exec:bin/key \'an argument\' -v"', 'exec:/bin/other', 'exec:')}`;
    expect(secretsOf(text)).toEqual([['/etc/httpd/bin/key', 'an argument', '-v'], ['/bin/other'], 'exec:']);
    expect(secretsOf(text, { serverRoot: '/opt' })[0]).toEqual(['/opt/bin/key', 'an argument', '-v']);
  });

  it('are a finding if an argument without quotes is a passphrase of its own', () => {
    const text = lines('exec:/path/to/program argument1');
    expect(secretsOf(text)).toEqual([['/path/to/program'], 'argument1']);
    expect(findingsOf(text)).toEqual([
      expect.stringMatching(/^3: SessionCryptoPassphrase: a word after exec:program is a passphrase/),
    ]);
    expect(findingsOf(lines('first exec:/path/to/program'))).toEqual([]);
  });

  it.each([
    ['""', 'has an empty word at position 1'],
    ['a "" b', 'has an empty word at position 2'],
    ['', 'has no passphrase'],
    ['"a b', 'has a quote that is not closed'],
    ['exec:bin/key', 'names a relative program and there is no ServerRoot'],
    ['"exec: "', 'names no program'],
  ])('%s is a fault', (words, why) => {
    expect(faultsOf(`Session On\nSessionCookieName s\nSessionCryptoPassphrase ${words}`)).toEqual([
      expect.stringContaining(why),
    ]);
  });

  it('are in a file with an absolute path, or with one below ServerRoot', () => {
    const text = (file: string) => `Session On\nSessionCookieName s\nSessionCryptoPassphraseFile ${file}`;
    expect(secretsOf(text('conf/keys'), { serverRoot: '/etc/httpd' })).toEqual([
      { file: '/etc/httpd/conf/keys' },
    ]);
    expect(faultsOf(text('conf/keys'))).toEqual([
      expect.stringContaining('is a relative path and there is no ServerRoot'),
    ]);
    expect(faultsOf(text('/a /b'))).toEqual([expect.stringContaining('has 2 words')]);
  });
});

describe('drivers', () => {
  const driverOf = (args: string) => readDirectives(`SessionCryptoDriver ${args}`).driver;

  it('have a name and parameters', () => {
    expect(driverOf('nss dir=certs "key3=my db" noinit')).toEqual({
      name: 'nss',
      params: { dir: 'certs', key3: 'my db', noinit: true },
      line: 1,
    });
  });

  it('may quote only a value, which httpd would split', () => {
    const text = 'SessionCryptoDriver nss dir=certs key3="my db" noinit';
    expect(readDirectives(text).driver!.params).toEqual({ dir: 'certs', key3: 'my db', noinit: true });
    expect(findingsOf(text)).toEqual([
      '1: SessionCryptoDriver: httpd splits name="a value" into two parameters; write "name=a value"',
    ]);
  });

  it('keep a parameter with the name of a prototype', () => {
    expect(Object.entries(driverOf('x __proto__=1')!.params)).toEqual([['__proto__', '1']]);
  });

  it('have a name', () => {
    expect(faultsOf('SessionCryptoDriver')).toEqual([expect.stringContaining('has no value')]);
  });
});

describe('a form login', () => {
  it('has a realm, and a site passphrase of which only the presence is kept', () => {
    const text = `${WHOLE}<Location />\nAuthType form\nAuthName "my realm"\nAuthFormProvider file\nAuthFormUsername u\nAuthFormSitePassphrase hush\n</Location>`;
    expect(configAt(text)).toMatchObject({ authType: 'form', authName: 'my realm', sitePassphrase: true });
  });

  it('is a fault with a site passphrase that is not defined', () => {
    expect(faultsOf('<Location />\nAuthFormSitePassphrase ${X}\n</Location>')).toEqual([
      expect.stringContaining('is not defined'),
    ]);
  });
});

describe('SessionCookieMaxAge', () => {
  it('is read by the rules of trunk only', () => {
    expect(faultsOf('SessionCookieMaxAge Off')).toEqual([expect.stringContaining("set rules: 'trunk'")]);
    expect(configAt('SessionCookieMaxAge Off', undefined, undefined, { rules: 'trunk' }).cookieMaxAge).toBe(
      false,
    );
  });
});

it('a setting that is made twice in one section is the last one, and a finding', () => {
  const text = 'SessionMaxAge 1\nSessionMaxAge 2';
  expect(configAt(text).maxAge).toBe(2);
  expect(findingsOf(text)).toEqual([
    '2: SessionMaxAge is set in line 1 of the same section already; the last one counts, so remove the first',
  ]);
});

describe('AuthName', () => {
  const nameOf = (value: string) =>
    configAt(`${WHOLE}<Location /a>\nAuthName ${value}\n</Location>`, '/a').authName;
  const faultOf = (value: string) => faultsOf(`${WHOLE}<Location /a>\nAuthName ${value}\n</Location>`);

  it.each([
    ['realm', 'realm'],
    [String.raw`"back\\slash"`, 'backslash'],
    [String.raw`"\\t\\n\\r\\b\\f"`, '\t\n\r\b\f'],
    [String.raw`"\\101\\7"`, 'A\u0007'],
    [String.raw`"\\%{X} $a 5% $1$"`, '%{X} $a 5% $'],
  ])('%s is evaluated', (value, name) => {
    expect(nameOf(value)).toBe(name);
  });

  it.each(['%{HTTP_HOST}', '"of %{tolower:ABC}"', '%{'])('%s is a fault', (value) => {
    expect(faultOf(value)).toEqual([
      expect.stringMatching(/^5: AuthName is ".*"; httpd evaluates a variable/),
    ]);
  });

  it('with a backslash at its end is a fault', () => {
    expect(faultOf(String.raw`"a\\"`)).toEqual([
      expect.stringMatching(/^5: AuthName is .* backslash at the end/),
    ]);
  });
});

describe('bytes that are not UTF-8, and were lost when the text was read', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1').toString('utf8');

  it('are a fault in a passphrase, which is not shown', () => {
    const faults = faultsOf(latin1('SessionCryptoPassphrase hunter2 "gr\u00fc\u00dfe"'));
    expect(faults).toEqual([
      '1: SessionCryptoPassphrase holds U+FFFD, which stands for bytes that were not UTF-8 when the text was read, while httpd uses the bytes as they are; write the passphrase into a SessionCryptoPassphraseFile, which is read as bytes',
    ]);
    expect(faultsOf('SessionCryptoPassphrase "gr\u00fc\u00dfe"')).toEqual([]);
    expect(faultsOf('SessionCryptoPassphrase "${KEY}"', { env: { KEY: '\ufffd' } })).toHaveLength(1);
  });

  it.each(['SessionInclude /caf\u00e9', 'SessionHeader \u00e9', 'SessionCookieName s path=/caf\u00e9'])(
    'are a fault in %s',
    (line) => {
      expect(faultsOf(latin1(line))).toEqual([expect.stringMatching(/ holds U\+FFFD, .* in UTF-8$/)]);
    },
  );

  it('are a fault in the path of a section with session directives', () => {
    const section = (line: string) => latin1(`<Location "/caf\u00e9">\n${line}\n</Location>`);
    expect(faultsOf(section('Session Off'))).toEqual([
      '1: <Location> has a path with U+FFFD, which stands for bytes that were not UTF-8; write the path in UTF-8',
    ]);
    expect(faultsOf(section('Require all granted'))).toEqual([]);
  });

  it('do not count in lines about something else', () => {
    expect(faultsOf(latin1('# caf\u00e9\nServerAdmin caf\u00e9'))).toEqual([]);
  });
});
