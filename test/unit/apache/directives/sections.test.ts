import { describe, expect, it } from 'vitest';
import { readDirectives } from '../../../../lib/apache/directives/read-directives.js';
import { configAt, faultsOf, findingsOf, placesOf, WHOLE } from './excerpts.js';

const OFF = 'Session Off\n';
const section = (head: string, body = OFF) => `<${head}>\n${body}</${head.split(' ')[0]}>\n`;

describe('sections', () => {
  it.each([
    ['</Location>', '1: </Location> closes no open section; remove it, or open the section'],
    ['<Location /a>', '1: <Location> is not closed; add </Location>'],
    ['<Location /a>\n</Directory>\n</Location>', '2: </Directory> closes no open section'],
    [
      '<Location /a>\n<Limit GET>\n</Location>',
      '2: <Limit> is not closed before </Location> in line 3; add </Limit>',
    ],
    ['<Location /a\n</Location>', '1: <Location> has no > at its end; add it'],
    ['<Location /a>\n</Location', '2: </Location> must be the whole line; write it as </Location>'],
    ['<Location /a>\n</Location >', '2: </Location> must be the whole line; write it as </Location>'],
    [
      '<Location /a> Session On\n</Location>',
      '1: <Location> has text after its >, which httpd ignores; move the text to its own line',
    ],
    ['< Location /a>\n</Location>', '1: a section has no name after its <; remove the blank'],
  ])('%j is a fault', (text, fault) => {
    expect(faultsOf(text)[0]).toContain(fault);
  });

  it('close in any case of letters', () => {
    expect(placesOf(`<LOCATION /a>\n${OFF}</location>`)).toEqual(['* /a']);
  });

  it('nest up to a limit', () => {
    const faults = faultsOf('<If x>\n'.repeat(40));
    expect(faults.find((one) => one.startsWith('33:'))).toBe(
      '33: <If> is nested too deeply; allowed are 32 levels',
    );
  });

  it.each([
    ['LocationMatch ^/a', 'has a pattern'],
    ['DirectoryMatch /srv/.*', 'has a pattern'],
    ['Location ~ ^/a', 'has a pattern'],
    ['Location /*/a', 'has a pattern'],
    ['Directory "/srv/*/b"', 'has a pattern'],
    ['Directory ~ x', 'has a pattern'],
    ['FilesMatch x', 'has a pattern'],
    ['If "%{HTTP_HOST} == \'a\'"', 'is evaluated at each request'],
    ['ElseIf x', 'is evaluated at each request'],
    ['Else', 'is evaluated at each request'],
    ['IfFile /x', 'which the reader does not open'],
    ['Limit GET', 'does not limit session directives'],
    ['Files x', 'cannot become a context'],
    ['Proxy *', 'cannot become a context'],
    ['constructor', 'cannot become a context'],
    ['Location a', 'has the path "a"; allowed is a path that begins with /'],
    ['Location /a /b', 'has 2 words; allowed is one path'],
    ['Directory srv', 'has the path "srv"; allowed is a path that begins with /'],
  ])('<%s> is a fault with session directives in it, and nothing without', (head, why) => {
    expect(faultsOf(section(head))).toEqual([expect.stringContaining(why)]);
    expect(faultsOf(section(head, 'Require all granted\nAuthName x\n'))).toEqual([]);
  });

  it('name the directive that would be lost', () => {
    expect(faultsOf(`\n<If x>\n<Files y>\n\n${OFF}</Files>\n</If>`)).toEqual([
      '2: <If> holds Session in line 5, but is evaluated at each request, so it cannot be evaluated here; write the context by hand',
    ]);
  });

  it.each([
    ['Directory in Location', section('Location /a', section('Directory /b'))],
    ['VirtualHost in VirtualHost', section('VirtualHost *', section('VirtualHost *'))],
    ['VirtualHost in Location', section('Location /a', section('VirtualHost *'))],
  ])('%s is not allowed there', (_, text) => {
    expect(faultsOf(text)).toEqual([expect.stringContaining('is not allowed at this place in httpd')]);
  });
});

describe('the place of a directive', () => {
  it.each([
    ['SessionCryptoDriver openssl', 'VirtualHost *', '<VirtualHost>; allowed is the server configuration'],
    ['SessionCryptoDriver openssl', 'Location /', '<Location>; allowed is the server configuration'],
    ['DBDriver pgsql', 'Location /', '<Location>; allowed is the server configuration, <VirtualHost>'],
    ['DBDPrepareSQL "x" y', 'Directory /', '<Directory>; allowed is the server configuration, <VirtualHost>'],
    ['AuthName x', 'VirtualHost *', '<VirtualHost>; allowed is <Directory> and <Location>, .htaccess'],
    [
      'AuthFormLocation x',
      'VirtualHost *',
      '<VirtualHost>; allowed is <Directory> and <Location>, .htaccess',
    ],
  ])('of %s is not <%s>', (line, head, where) => {
    expect(faultsOf(section(head, `${line}\n`))).toEqual([
      `2: ${line.split(' ')[0]} is not allowed in ${where}`,
    ]);
  });

  it('of AuthName is not the server', () => {
    expect(faultsOf('AuthName x')).toEqual([
      '1: AuthName is not allowed in the server configuration outside of sections; allowed is <Directory> and <Location>, .htaccess',
    ]);
  });

  it('is not a condition, but the section around it', () => {
    expect(faultsOf(section('IfModule mod_session.c', 'SessionCryptoDriver openssl\n'))).toEqual([]);
  });

  describe('.htaccess', () => {
    const htaccess = { context: 'htaccess' } as const;

    it('takes directives of a directory', () => {
      expect(configAt(`${WHOLE}AuthName x\n`, undefined, undefined, htaccess)).toMatchObject({
        enabled: true,
        authName: 'x',
      });
    });

    it.each([
      'SessionCryptoPassphraseFile /etc/keys',
      'SessionCryptoDriver openssl',
      'DBDriver pgsql',
      'Define A 1',
      'SessionCryptoPassphrase exec:/bin/key',
      `<Location /a>\n${OFF}</Location>`,
      `<VirtualHost *>\n${OFF}</VirtualHost>`,
    ])('does not take %j', (line) => {
      expect(faultsOf(line, htaccess)).toHaveLength(1);
    });

    it('runs no program, and repeats nothing of its name', () => {
      expect(faultsOf('SessionCryptoPassphrase exec:/home/guest/key', htaccess)).toEqual([
        "1: SessionCryptoPassphrase exec: is not accepted in .htaccess, since the program would run as the server's user; move it to the server configuration",
      ]);
    });
  });
});

describe('hosts', () => {
  const host = (name: string, body = OFF, address = '*:443') =>
    section(`VirtualHost ${address}`, `${name}\n${body}`);

  it('are those of ServerName and ServerAlias, without port and scheme', () => {
    expect(
      placesOf(host('ServerName https://WWW.Example.com:443\nServerAlias example.com *.example.org.')),
    ).toEqual(['www.example.com example.com *.example.org (all)']);
  });

  it('have no context without settings of their own', () => {
    expect(placesOf(`${WHOLE}${host('ServerName a.example', '')}`)).toEqual([]);
  });

  it('are a finding, since other hosts get the main server', () => {
    expect(findingsOf(`\n${host('ServerName a.example')}`)).toEqual([
      expect.stringMatching(/^2: a host that no <VirtualHost> names/),
    ]);
  });

  it('replace the main server if there is only one, without a name', () => {
    const text = host('', `${WHOLE}<Location /a>\n${OFF}</Location>\n`);
    expect(configAt(text).enabled).toBe(true);
    expect(placesOf(text)).toEqual(['* /a']);
  });

  it('need a name when there are several', () => {
    expect(faultsOf(host('') + host('ServerName a.example'))).toEqual([
      '1: <VirtualHost> has session directives and no name; add a ServerName',
    ]);
    expect(faultsOf(host('', 'Redirect / /x\n') + host('ServerName a.example'))).toEqual([]);
  });

  it('count once, since a context has no port', () => {
    const plain = host('ServerName a.example', 'Redirect / /x\n', '*:80');
    expect(placesOf(plain + host('ServerName a.example'))).toEqual(['a.example (all)']);
    expect(placesOf(host('ServerName a.example') + plain)).toEqual(['a.example (all)']);
    expect(placesOf(host('ServerName a.example') + host('ServerName a.example'))).toEqual([
      'a.example (all)',
    ]);
  });

  it('cannot have two different settings', () => {
    expect(
      faultsOf(host('ServerName a.example') + host('ServerName a.example', 'SessionMaxAge 1\n', '*:80')),
    ).toEqual([
      expect.stringMatching(/^5: <VirtualHost> has a name of the one in line 1, but other session settings/),
    ]);
  });

  it.each([
    { first: 'ServerAlias *.example', second: 'ServerName a.example', name: 'a.example' },
    { first: 'ServerName A.example', second: 'ServerName a.example', name: 'a.example' },
    { first: 'ServerAlias a?.example', second: 'ServerName ab.example', name: 'ab.example' },
    { first: 'ServerAlias *', second: 'ServerAlias *.a.example', name: '*.a.example' },
    { first: 'ServerAlias *b*c.example', second: 'ServerName abxbc.example', name: 'abxbc.example' },
  ])('belong to the first virtual host that fits: $first before $second', ({ first, second, name }) => {
    const [early, late] = [host(first), host(second, 'SessionMaxAge 1\n')];
    const lateOnes = (text: string) =>
      readDirectives(text).contexts.flatMap(({ hosts, config }) => (config.maxAge === 1 ? hosts : []));
    expect(lateOnes(early + late)).toEqual([]);
    expect(findingsOf(early + late)).toContainEqual(
      `6: httpd never serves "${name}" from this <VirtualHost>, because the one in line 1 comes first and has that name, or a pattern that matches it; move this one before it`,
    );
    expect(lateOnes(late + early)).toEqual([name]);
  });

  it('belong to the first virtual host even if it has no session directives', () => {
    const plain = host('ServerAlias *.example', 'Redirect / /x\n');
    expect(placesOf(plain + host('ServerName a.example'))).toEqual([]);
  });

  it('may lead to a host of another address whatever comes first', () => {
    const plain = host('ServerAlias *.example', 'Redirect / /x\n', '_default_:80');
    expect(placesOf(plain + host('ServerName a.example'))).toEqual(['a.example (all)']);
    expect(placesOf(plain + host('ServerName a.example', OFF, '10.0.0.1:443 *:80'))).toEqual([]);
  });

  it.each(['a.example.org', '.example', 'example', 'a.examplf'])('%s fits no pattern *?.example', (name) => {
    expect(
      placesOf(host('ServerAlias *?.example') + host(`ServerName ${name}`, 'SessionMaxAge 1\n')),
    ).toContain(`${name} (all)`);
  });
});

describe('paths', () => {
  it('of a location are normalised', () => {
    expect(placesOf(section('Location "/a b/"'))).toEqual(['* /a b']);
    expect(findingsOf(section('Location /a//b/'))).toEqual([
      '1: <Location> "/a//b/" is read as "/a/b"; it covers that path and all below',
    ]);
  });

  it('of <Location /> are all', () => {
    expect(placesOf(`${WHOLE}${section('Location /')}`)).toEqual([]);
    expect(configAt(`${WHOLE}${section('Location /')}`).enabled).toBe(false);
  });

  it.each([
    ['the document root', '/srv/www', []],
    ['above the document root', '/srv', []],
    ['the whole disk', '/', []],
    ['below the document root', '/srv/www/app/', ['* /app']],
  ])('of a directory: %s', (_, directory, places) => {
    const text = `DocumentRoot /srv/www/\n${section(`Directory ${directory}`, 'SessionMaxAge 5\n')}`;
    expect(placesOf(text)).toEqual(places);
    expect(configAt(text, places.length ? '/app' : undefined).maxAge).toBe(5);
  });

  it('of a directory that an alias shows, at each of its paths', () => {
    const text = `DocumentRoot /srv/www\nAlias /pictures/ /srv/www/img/\nScriptAlias "/run" "/srv/www/img/bin"\n${section('Directory /srv/www/img')}`;
    expect(placesOf(text)).toEqual(['* /pictures', '* /run', '* /img']);
  });

  it('below an alias that hides the document root keep their settings', () => {
    const text = `DocumentRoot /srv/www\nAlias /out /srv/out\n${section('Directory /srv/www', 'SessionMaxAge 5\n')}`;
    expect(configAt(text).maxAge).toBe(5);
    expect(configAt(text, '/out').maxAge).toBe(0);
  });

  it('of a directory without a URL are a fault, if session directives would be lost', () => {
    const out = section('Directory /srv/out');
    expect(faultsOf(`DocumentRoot /srv/www\n${out}`)).toEqual([
      expect.stringMatching(/^2: <Directory> lies outside DocumentRoot/),
    ]);
    expect(faultsOf(`DocumentRoot /srv/outer\n${out}`)).toHaveLength(1);
    expect(faultsOf(out)).toHaveLength(1);
    expect(faultsOf(section('Directory /srv/out', 'AuthName x\n'))).toEqual([]);
  });

  it('of a directory that an alias hides are a fault', () => {
    const text = `DocumentRoot /srv/www\nAlias /a /srv/out\n${section('Directory /srv/www/a')}`;
    expect(faultsOf(text)).toEqual([expect.stringMatching(/^3: <Directory> lies outside/)]);
  });

  it('of a directory come from the alias of the host before that of the main server', () => {
    const text = `Alias /a /srv/main\n${section('Directory /srv/host', 'SessionMaxAge 5\n')}<VirtualHost *>\nServerName a.example\nAlias /a /srv/host\n</VirtualHost>`;
    expect(configAt(text, '/a', 'a.example').maxAge).toBe(5);
  });

  it('of a directory of the main server may be shown by a host alone', () => {
    const text = `${section('Directory /srv/a', 'SessionMaxAge 5\n')}<VirtualHost *>\nServerName a.example\nDocumentRoot /srv\n</VirtualHost>`;
    expect(placesOf(text)).toEqual(['a.example (all)', 'a.example /a']);
    expect(configAt(text, '/a', 'a.example').maxAge).toBe(5);
  });

  it('are relative to ServerRoot', () => {
    expect(placesOf(`ServerRoot /srv\nDocumentRoot www\n${section('Directory /srv/www/a')}`)).toEqual([
      '* /a',
    ]);
  });

  it('come outer before inner', () => {
    const text =
      section('Location /a/b') + section('Location /a', 'SessionMaxAge 1\n') + section('Location /c');
    expect(placesOf(text)).toEqual(['* /a', '* /c', '* /a/b']);
  });

  it('are compared by whole segments', () => {
    const text = section('Location /a', 'SessionMaxAge 1\n') + section('Location /ab', 'SessionEnv On\n');
    expect(configAt(text, '/ab')).toMatchObject({ maxAge: 0, env: true });
  });
});
