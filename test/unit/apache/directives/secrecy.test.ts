import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readDirectives } from '../../../../lib/apache/directives/read-directives.js';
import { faultsOf } from './excerpts.js';

const SECRETS = ['hush-one', 'hush-two', 'hush-argument', 'hush-site', 'hush-params'];
const TEXT = `
DBDParams "password=hush-params"
Session On
SessionCookieName session
SessionCryptoPassphrase hush-one "hush-two" "exec:/bin/key hush-argument"
<Location /a>
AuthFormSitePassphrase hush-site
</Location>
`;
const shows = (text: string) => SECRETS.filter((secret) => text.includes(secret));

describe('a model', () => {
  it('shows no secret in inspect and in JSON', () => {
    const model = readDirectives(TEXT);
    const options = { depth: Infinity, showHidden: true, getters: true } as const;
    expect(shows(inspect(model, options))).toEqual([]);
    expect(shows(JSON.stringify(model) + JSON.stringify(model.server.passphrases))).toEqual([]);
    expect(shows(String(model.server.passphrases))).toEqual([]);
  });

  it('still has them', () => {
    const [one, , program] = readDirectives(TEXT).server.passphrases;
    expect(one?.kind === 'passphrase' && one.text).toBe('hush-one');
    expect(program?.kind === 'exec' && program.command).toEqual(['/bin/key', 'hush-argument']);
  });
});

describe('a fault', () => {
  it.each([
    'SessionCryptoPassphrase hush-one "" hush-two',
    'SessionCryptoPassphrase "hush-one',
    'SessionCryptoPassphrase hush-${hush-one}',
    'SessionCryptoPassphrase exec:bin/hush-one',
    'SessionCryptoPassphrases hush-one',
    'SessionCryptoPasphrase hush-one',
    'SessionCrypto hush-one',
    'AuthFormSitePassphrase hush-site',
    '<Location />\nAuthFormSitePassphrase ${hush-site}\n</Location>',
    '<Location />\nDBDParams hush-params\n</Location>',
    '<If x>\nSessionCryptoPassphrase hush-one\n</If>',
    `SessionCryptoPassphrase ${'hush-one'.repeat(2000)}`,
    'SessionCryptoPassphrase hush-one\0',
    '<VirtualHost *>\nServerName a\nSessionCryptoPassphrase hush-one\n</VirtualHost>\n<VirtualHost *:80>\nServerName a\nSessionCryptoPassphrase hush-two\n</VirtualHost>',
  ])('of %j repeats no secret', (text) => {
    const faults = faultsOf(text);
    expect(faults.length).toBeGreaterThan(0);
    expect(shows(faults.join('\n'))).toEqual([]);
  });
});

it('a finding repeats no secret', () => {
  const text = 'SessionCryptoPassphrase exec:/bin/hush-one hush-two\nDBDParams ${hush-params}';
  expect(shows(JSON.stringify(readDirectives(text).findings))).toEqual([]);
});
