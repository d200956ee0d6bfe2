import { describe, expect, it } from 'vitest';
import { fromApacheDirectives } from '../../../../lib/apache/index.js';
import { configAt, faultsOf, findingsOf } from './excerpts.js';

const MAIN = 'Session On\nSessionCookieName session path=/;HttpOnly;Secure\n';
const host = (name: string, inner: string) =>
  `<VirtualHost *:80>\nServerName ${name}\n${inner}</VirtualHost>\n`;
const KEY = 'SessionCryptoPassphrase secret\n';
const WHOLE = MAIN + host('a.example', KEY);

describe('a passphrase that only virtual hosts have', () => {
  it('switches sessions off for hosts without a name, and is a finding', () => {
    expect(findingsOf(WHOLE)).toContainEqual(
      expect.stringMatching(/^1: Session is On outside of <VirtualHost> without a passphrase or a store/),
    );
    expect(configAt(WHOLE).enabled).toBe(false);
    expect(configAt(WHOLE, undefined, 'a.example')).toMatchObject({
      enabled: true,
      cookie: { name: 'session' },
    });
  });

  it('switches them off at each path of any host', () => {
    const text = `${WHOLE}<Location /b>\nSessionMaxAge 5\n</Location>\n`;
    expect(configAt(text, '/b').enabled).toBe(false);
    expect(configAt(text, '/b', 'a.example')).toMatchObject({ enabled: true, maxAge: 5 });
  });

  it('gives options with sessions at the named hosts alone', () => {
    const { session, contexts } = fromApacheDirectives(WHOLE);
    expect(session!.enabled).toBe(false);
    expect(contexts).toEqual([
      expect.objectContaining({
        host: ['a.example'],
        session: expect.objectContaining({ enabled: true }) as unknown,
      }),
    ]);
  });

  it('is a fault where another virtual host has sessions without it', () => {
    const fault = [expect.stringMatching(/^1: Session is On without a passphrase/)];
    expect(faultsOf(WHOLE + host('b.example', ''))).toEqual(fault);
    expect(faultsOf(WHOLE + host('b.example', 'SessionMaxAge 5\n'))).toEqual(fault);
    expect(faultsOf(WHOLE + host('b.example', 'Session Off\n'))).toEqual([]);
    expect(faultsOf(MAIN + host('a.example', 'Session Off\n'))).toEqual(fault);
  });
});
