import { describe, expect, it } from 'vitest';
import { readDirectives } from '../../../../lib/apache/directives/read-directives.js';
import { configAt, faultsOf, findingsOf, secretsOf, WHOLE } from './excerpts.js';

describe('an excerpt', () => {
  it('may be empty: the session is off and all is as httpd has it', () => {
    const { server, contexts, driver, findings } = readDirectives('# nothing\n\n');
    expect({ contexts, driver, findings }).toEqual({ contexts: [], driver: undefined, findings: [] });
    expect(server).toMatchObject({
      enabled: false,
      maxAge: 0,
      cipher: 'aes256',
      dbdCookieRemove: true,
      lines: {},
    });
  });

  it('is read in any case of letters', () => {
    expect(
      configAt('SESSION on\nsessionmaxage 5\nsessionCOOKIEname s\nSessionCryptoPassPhrase x'),
    ).toMatchObject({
      enabled: true,
      maxAge: 5,
    });
  });

  it('remembers where each setting was made', () => {
    expect(configAt(`# comment\n${WHOLE}SessionMaxAge \\\n 7\n`).lines).toEqual({
      enabled: 2,
      cookie: 3,
      passphrases: 4,
      maxAge: 5,
    });
  });

  it('skips what is not about sessions', () => {
    expect(faultsOf(`Listen 80\nUser www-data\nRewriteEngine On\nAuthBasicProvider file\n${WHOLE}`)).toEqual(
      [],
    );
  });

  it.each([
    'AuthBasicAuthoritative Off',
    'AuthDigestProvider file',
    'AuthnDBDUserPWQuery x',
    'AuthDBDUserPWQuery x',
    'SSLSessionCache shmcb:x',
    'SSLSessionTickets off',
    'SSLSessionTicketKeyFile x',
    'SetEnv a b',
    'Sethandler x',
  ])('takes %s for no misspelt directive of ours', (line) => {
    expect(faultsOf(line)).toEqual([]);
  });

  it('lists every fault, in the order of the lines', () => {
    const faults = faultsOf('SessionMaxAge ten\n</Foo>\nSessionEnv maybe\n<Location /a>\nSessionCrypto On\n');
    expect(faults.map((one) => one.split(':')[0])).toEqual(['1', '2', '3', '4', '5']);
  });

  it('is a fault when it is no text', () => {
    expect(() => readDirectives(undefined as unknown as string)).toThrow(
      /directives: is undefined; allowed is the text/,
    );
  });

  it('is a fault where a line is too long or holds a zero byte', () => {
    expect(faultsOf(`\nSessionHeader ${'x'.repeat(8200)}`)).toEqual([
      '2: the line is longer than 8191 characters',
    ]);
    expect(faultsOf('Session\0 On')).toEqual([
      '1: the line holds a zero byte, at which httpd would stop reading; remove it',
    ]);
  });
});

describe('a name that is unknown', () => {
  it.each([
    ['SessonMaxAge 3', 'SessonMaxAge is unknown; is SessionMaxAge meant?'],
    ['SessionCryptoCypher aes256', 'SessionCryptoCypher is unknown; is SessionCryptoCipher meant?'],
    ['SesionCryptoPasphrase x', 'SesionCryptoPasphrase is unknown; is SessionCryptoPassphrase meant?'],
    ['AuthFormSitePasphrase x', 'AuthFormSitePasphrase is unknown; is AuthFormSitePassphrase meant?'],
    ['DBDPrepareSQ x', 'DBDPrepareSQ is unknown; is DBDPrepareSQL meant?'],
    ['Session-On', 'Session-On is unknown; is Session meant?'],
  ])('%s is a fault that names the nearest', (line, message) => {
    expect(faultsOf(line)).toEqual([`1: ${message}`]);
  });

  it.each(['SessionCrypto On', 'SessionCryptoDigest sha256', 'SessionCryptoIV abc', 'SessionCryptoHash x'])(
    '%s, which guides invented, is a fault that names the right one',
    (line) => {
      expect(faultsOf(line)).toEqual([
        expect.stringMatching(
          /^1: SessionCrypto\w* does not exist in httpd: .*SessionCrypto(Passphrase|Cipher)/,
        ),
      ]);
    },
  );

  it('lists what there is when nothing is near', () => {
    expect(faultsOf('SessionWhateverThisMayBeAtAll x')[0]).toMatch(
      /is unknown; known are Session, SessionMaxAge, /,
    );
  });
});

describe('Define and ${NAME}', () => {
  it('replaces names in lines, in values and in section names', () => {
    const text = `Define AGE 60\nDefine WHERE /app\n${WHOLE}SessionMaxAge \${AGE}\n<Location \${where}>\nSession Off\n</Location>`;
    expect(configAt(text).maxAge).toBe(60);
    expect(configAt(text, '/app').enabled).toBe(false);
  });

  it('asks the text, then the option defines, then env', () => {
    const options = { defines: { A: '1', B: '2' }, env: { A: '10', B: '20', C: '30' } };
    expect(configAt('Define A 5\nSessionMaxAge ${A}', undefined, undefined, options).maxAge).toBe(5);
    expect(configAt('SessionMaxAge ${B}', undefined, undefined, options).maxAge).toBe(2);
    expect(configAt('SessionMaxAge ${C}', undefined, undefined, options).maxAge).toBe(30);
    expect(configAt('UnDefine B\nSessionMaxAge ${B}', undefined, undefined, options).maxAge).toBe(20);
  });

  it('does not look at what a value holds, nor at the prototype of env', () => {
    expect(
      configAt('Define A ${B}\nSessionHeader x-$A', undefined, undefined, { env: { B: 'b' } }).header,
    ).toBe('x-$A');
    expect(configAt('Define A $-{B}\nDefine B 1\nSessionInclude /${A}').includes[0]!.prefix).toBe('/$-{B}');
    expect(findingsOf('SessionInclude /${constructor}', { env: {} })).toHaveLength(1);
  });

  it('leaves an unknown name as it stands and says so, except for maps of mod_rewrite', () => {
    expect(findingsOf('DocumentRoot /${X}')).toEqual([
      '1: "${X}" is not defined, so it stays as it is; give its value in the option defines or env',
    ]);
    expect(findingsOf('RewriteRule ^ ${map:key}')).toEqual([]);
  });

  it.each([
    'SessionCryptoPassphrase a${X}',
    'SessionCryptoPassphrase "${map:X}"',
    'SessionCryptoPassphraseFile /${X}',
  ])('%s with an unknown name is a fault', (line) => {
    expect(faultsOf(line)).toEqual([expect.stringContaining('is not defined')]);
  });

  it('puts a defined name into a passphrase', () => {
    expect(secretsOf(WHOLE.replace('secret', '"${KEY}"'), { env: { KEY: 'from the env' } })).toEqual([
      'from the env',
    ]);
  });

  it.each([
    ['Define A:B 1', 'Define has a name with a colon, which httpd refuses; use another name'],
    ['Define', 'Define has no name; give one'],
    ['Define A b c', 'Define has 3 words; allowed are a name and one value (put quotes around the value)'],
    ['UnDefine A B', 'UnDefine has 2 words; allowed is one name'],
  ])('%s is a fault', (line, message) => {
    expect(faultsOf(line)).toEqual([`1: ${message}`]);
  });

  it('does not grow without end', () => {
    const bomb = `Define A ${'a'.repeat(8000)}\nDefine B "\${A}\${A}"\nSessionHeader \${A}\${A}`;
    expect(faultsOf(bomb)).toEqual([
      '2: the line is longer than 8191 characters after its variables were replaced',
      '3: the line is longer than 8191 characters after its variables were replaced',
    ]);
  });
});

describe('conditions', () => {
  const age = (condition: string, end: string) => `<${condition}>\nSessionMaxAge 9\n</${end}>`;

  it.each([
    ['IfDefine A', 9],
    ['IfDefine !A', 0],
    ['IfDefine a', 0],
    ['IfDefine !B', 9],
  ])('<%s>', (condition, maxAge) => {
    expect(configAt(`Define A\n${age(condition, 'IfDefine')}`).maxAge).toBe(maxAge);
  });

  it.each([
    ['IfModule mod_session.c', 9],
    ['IfModule session_module', 9],
    ['IfModule mod_session_crypto.c', 9],
    ['IfModule session_cookie_module', 9],
    ['IfModule mod_session_dbd.c', 9],
    ['IfModule mod_dbd.c', 9],
    ['IfModule auth_form_module', 9],
    ['IfModule !mod_session.c', 0],
    ['IfModule mod_ssl.c', 0],
    ['IfModule !ssl_module', 9],
    ['IfModule constructor', 0],
  ])('<%s>', (condition, maxAge) => {
    expect(configAt(age(condition, 'IfModule')).maxAge).toBe(maxAge);
  });

  it('knows modules by the option and by LoadModule, under each of their names', () => {
    const text = age('IfModule mod_ssl.c', 'ifmodule');
    expect(configAt(text, undefined, undefined, { modules: ['ssl_module'] }).maxAge).toBe(9);
    expect(configAt(`LoadModule ssl_module modules/mod_ssl.so\n${text}`).maxAge).toBe(9);
    expect(configAt(`${text}\nLoadModule ssl_module modules/mod_ssl.so`).maxAge).toBe(0);
  });

  it.each([
    ['2.4.71', true],
    ['= 2.4.71', true],
    ['== 2.4', false],
    ['!= 2.4', true],
    ['>= 2.4', true],
    ['> 2.4.71', false],
    ['> 2.4.8', true],
    ['< 2.5', true],
    ['<= 2.4.71', true],
    ['< 2.4.71', false],
    ['!>= 3', true],
    ['= /^2\\.4\\.\\d+$/', true],
    ['~ ^2.5', false],
    ['!~ ^2.5', true],
  ])('<IfVersion %s> is %s', (condition, holds) => {
    expect(configAt(age(`IfVersion ${condition}`, 'IfVersion')).maxAge).toBe(holds ? 9 : 0);
  });

  it('takes trunk for 2.5.1', () => {
    expect(
      configAt(age('IfVersion >= 2.5.1', 'IfVersion'), undefined, undefined, { rules: 'trunk' }).maxAge,
    ).toBe(9);
  });

  it.each(['IfVersion', 'IfVersion ? 2.4', 'IfVersion >= two', 'IfVersion ~ (', 'IfVersion = 2.4 2.5'])(
    '<%s> is a fault',
    (condition) => {
      expect(faultsOf(age(condition, 'IfVersion'))).toEqual([expect.stringMatching(/^1: <IfVersion> /)]);
    },
  );

  it('says which session directives it leaves out', () => {
    const text =
      '<IfModule mod_ssl.c>\nListen 443\n<IfDefine B>\nSessionMaxAge 3\n</IfDefine>\n</IfModule>\n<IfDefine C>\nListen 1\n</IfDefine>';
    expect(findingsOf(text)).toEqual([
      expect.stringMatching(/^1: <IfModule> does not hold, so its session directives are ignored/),
    ]);
  });

  it('neither reads nor checks what does not hold, but its sections', () => {
    expect(
      faultsOf(
        '<IfDefine X>\nSessionMaxAge ten\nDefine A:B\nInclude x\n<Location /a>\n</Location>\n</IfDefine>',
      ),
    ).toEqual([]);
    expect(faultsOf('<IfDefine X>\n<Location /a>\n</IfDefine>')).toEqual([
      '2: <Location> is not closed before </IfDefine> in line 3; add </Location>',
    ]);
  });
});

describe('what is not followed', () => {
  it.each(['Include conf.d/*.conf', 'IncludeOptional x', 'Error "no"'])('%s is a fault', (line) => {
    expect(faultsOf(line)).toEqual([expect.stringMatching(/^1: (Include|IncludeOptional|Error) /)]);
  });
});
