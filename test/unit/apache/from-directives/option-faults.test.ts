import { describe, expect, it } from 'vitest';
import { fromApacheDirectives, type FromDirectivesOptions } from '../../../../lib/apache/index.js';
import type { SessionConfigError } from '../../../../lib/errors/session-config.error.js';
import { resolveOptions } from '../../../../lib/options/resolve-options.js';

const WHOLE = 'Session On\nSessionCookieName session path=/\nSessionCryptoPassphrase secret\n';

function faultsOf(text: string, options?: FromDirectivesOptions): string[] {
  try {
    fromApacheDirectives(text, options);
  } catch (error) {
    return (error as SessionConfigError).faults.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

const at = (line: number, text: string) =>
  expect.stringMatching(new RegExp(`^directives line ${line}: ${text}`)) as string;

describe('a value that httpd takes and no option can have', () => {
  it.each<[string, string, number, string]>([
    ['a path that ends in a query', 'SessionExclude /a?b', 4, 'SessionExclude: session.exclude\\[0\\] is "/a\\?b"; allowed'],
    ['one of several paths', 'SessionInclude /a\nSessionInclude /b//c', 5, 'SessionInclude: session.include\\[1\\] is "/b//c"'],
    ['an undefined variable in a host', '<VirtualHost *>\nServerName a\nServerAlias ${SITE}\nSessionMaxAge 5\n</VirtualHost>', 6, 'the host name "\\$\\{site\\}" is not complete; give the value'],
    ['a host with other letters', '<VirtualHost *>\nServerName b\u00fccher.example\nSession Off\n</VirtualHost>', 5, 'the host name "b\u00fccher.example" has letters .* write "xn--bcher-kva.example"'],
    ['a host that is none', '<VirtualHost *>\nServerName a..b\nSession Off\n</VirtualHost>', 5, 'the host name "a..b" is no host name'],
    ['a pattern of hosts', '<VirtualHost *>\nServerAlias a?.b\nSession Off\n</VirtualHost>', 5, 'the host name "a\\?.b" is a pattern'],
    ['a location with dot segments', '<Location /a/../b>\nSession Off\n</Location>', 4, 'this place: path is "/a/../b"'],
    ['one cookie for two keys', '<Location /a>\nSessionCryptoPassphrase other\n</Location>', 4, 'this place: as a context, overrides crypto.*SessionCookieName of its own'],
    ['a driver that does not exist', 'SessionCryptoDriver opensl', 4, 'SessionCryptoDriver is "opensl"; .* is openssl meant'],
  ])('is a fault at its line: %s', (_, text, line, fault) => {
    expect(faultsOf(WHOLE + text)).toEqual([at(line, fault)]);
  }); // prettier-ignore

  it.each([
    ['domain=example.com:80', 'cookie.domain is "example.com:80"; allowed is a domain name'],
    ['path=/\u00e9', 'cookie.path is "/\u00e9"'],
  ])('is a fault at the line of the cookie: %s', (attributes, fault) => {
    for (const name of ['SessionCookieName', 'SessionDBDCookieName']) {
      const text = WHOLE.replace('SessionCookieName', name).replace('path=/', attributes);
      expect(faultsOf(text)).toContainEqual(at(2, `${name}: ${fault}`));
    }
    const inside = `Session Off\n<Location /a>\n${WHOLE.replace('path=/', attributes)}</Location>\n`;
    expect(faultsOf(`${WHOLE}${inside}`.replace('Session Off\n', ''))).toContainEqual(
      at(6, `SessionCookieName: ${fault}`),
    );
  });

  it('is a fault at the cookie whose prefix has conditions', () => {
    expect(faultsOf(WHOLE.replace('session path=/', '__Host-s path=/a'))).toEqual([
      at(2, 'SessionCookieName: cookie.name begins with __Host-'),
    ]);
  });
});

it('all faults are one list, whatever finds them', () => {
  const text = `${WHOLE.replace('path=/', 'path=/;SameSite=Lux')}SessionExclude /a?b
SessionMaxAge ten
SessionCryptoDriver nss colour=red
SessionCookiName x
<VirtualHost *>
ServerName \${SITE}
SessionMaxAge 5
</VirtualHost>
`;
  expect(faultsOf(text)).toEqual([
    at(2, 'SessionCookieName has an unknown SameSite'),
    at(4, 'SessionExclude: session.exclude'),
    at(5, 'SessionMaxAge is "ten"'),
    at(6, 'SessionCryptoDriver nss has no parameter "colour"'),
    at(7, 'SessionCookiName is unknown'),
    at(9, 'the host name'),
  ]);
});

it('a line has one fault, not a second one that follows from it', () => {
  expect(faultsOf('Session On\nSessionCookieName a=b\nSessionCryptoPassphrase ""')).toHaveLength(2);
  expect(faultsOf('Session On')).toHaveLength(2);
  expect(faultsOf('SessionMaxAge 5')).toEqual([at(1, 'no line switches sessions on')]);
});

it('an option that no line makes is left to the start', () => {
  const text = `Session On\nSessionCryptoPassphrase x\nSessionCookieName s\n`;
  const options = fromApacheDirectives(text);
  expect(() => resolveOptions({ ...options, cookie: { ...options.cookie, priority: 'low' } })).not.toThrow();
});

describe('a duration that httpd takes', () => {
  const findings = (text: string) =>
    (
      fromApacheDirectives(text).crypto.format as unknown as {
        audit(path: string): { path: string; message: string; code: string }[];
      }
    )
      .audit('crypto.format')
      .filter(({ code }) => code === 'apache-directive')
      .map(({ path, message }) => `${path}: ${message}`);

  it('is cut where a browser would cut it, with a finding', () => {
    const { cookie, session } = fromApacheDirectives(`${WHOLE}SessionMaxAge 34560001`);
    expect(cookie!.lifetime).toBe(34_560_000);
    expect(session!.idleTimeout).toBe(34_560_001);
    expect(findings(`${WHOLE}SessionMaxAge 34560001`)).toContain(
      'directives line 4: SessionMaxAge: browsers keep a cookie for at most 400 days, so its lifetime here is 34560000 seconds and not 34560001',
    );
    expect(findings(`${WHOLE}SessionMaxAge 34560000`).join()).not.toContain('400 days');
  });

  it('is cut at ten years, with a finding', () => {
    const text = `${WHOLE}SessionMaxAge 2147483647`;
    expect(fromApacheDirectives(text).session).toMatchObject({
      idleTimeout: 315_360_000,
      touchInterval: 17_280_000,
    });
    expect(findings(text)).toContainEqual(
      expect.stringMatching(/^directives line 4: SessionMaxAge is 2147483647; the longest/),
    );
    expect(() => resolveOptions(fromApacheDirectives(text))).not.toThrow();
  });

  it.each([60, 300_000, 3_600_000, 34_560_000, 70_000_000, 2_147_483_647])(
    'of %d seconds starts, in contexts too',
    (seconds) => {
      for (const interval of [
        '',
        'SessionExpiryUpdateInterval 59\n',
        'SessionExpiryUpdateInterval 2147483647\n',
      ]) {
        const inner = `<Location /a>\nSessionMaxAge 7200000\n</Location>\n<Location /b>\nSessionEnv On\n</Location>`;
        const options = fromApacheDirectives(`${WHOLE}SessionMaxAge ${seconds}\n${interval}${inner}`);
        expect(() => resolveOptions(options)).not.toThrow();
      }
    },
  );

  it('of the cookie is cut at the line of the cookie', () => {
    const text = WHOLE.replace('path=/', 'path=/;Max-Age=9999999999');
    expect(fromApacheDirectives(text).cookie!.lifetime).toBe(34_560_000);
    expect(findings(text)).toContainEqual(
      expect.stringMatching(/^directives line 2: SessionCookieName: browsers keep/),
    );
  });
});

it.each(['httpOnly', 'SECURE', 'path', 'SameSite', 'Priority'])('a cookie named %s has a finding', (name) => {
  const format = fromApacheDirectives(WHOLE.replace('session path=/', name)).crypto.format as unknown as {
    audit(path: string): { message: string }[];
  };
  expect(format.audit('crypto.format').map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^SessionCookieName: the cookie's name is ".*", which is the name of an attribute/),
  );
});
