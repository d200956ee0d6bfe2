import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, USER_FILE } from './support/accounts.js';
import { ApacheEnvelope } from '../../lib/apache/index.js';
import { echo } from './support/echo.js';
import { FORM_MODULES, formConfig, REALM, SITE } from './support/form.js';
import { startHttpd, type Httpd } from './support/httpd.mjs';
import { live } from './support/live.js';
import { Visitor } from '../support/visitor.js';

const SECRET = 'a passphrase of the form tests';
const CREDENTIALS = { httpd_username: ALICE.name, httpd_password: ALICE.password };

/** The keys in the spelling of mod_session's text. */
const textOf = (entries: Record<string, string>) => {
  const pairs = Object.entries(entries).map(([key, value]) => [`${REALM}-${key}`, value] as [string, string]);
  return String(new URLSearchParams(pairs));
};
const entriesOf = (text: string) => Object.fromEntries(new URLSearchParams(text));
const siteOf = (user: string) => createHash('md5').update(`${user}:${SITE}`).digest('hex');

describe.skipIf(!live)('a login by mod_auth_form', () => {
  const envelope = new ApacheEnvelope({ cipher: 'aes256', secrets: [SECRET] });
  let httpd: Httpd;

  const visitorWith = async (entries: Record<string, string>) => {
    const visitor = new Visitor(httpd.url);
    visitor.jar.set('session', await envelope.seal(textOf(entries)));
    return visitor;
  };
  const sessionOf = async (visitor: Visitor) =>
    entriesOf((await envelope.open(visitor.jar.get('session')!))!.plaintext.toString());

  beforeAll(async () => {
    const session = `Session On\nSessionCookieName session path=/\nSessionCryptoPassphrase "${SECRET}"`;
    httpd = await startHttpd({
      modules: [...echo.modules, ...FORM_MODULES],
      files: { ...echo.files, users: USER_FILE },
      config: `${echo.config}${session}${formConfig}`,
    });
  });
  afterAll(() => httpd?.stop());

  it('is required without a session', async () => {
    expect((await new Visitor(httpd.url).get('/private/echo')).status).toBe(401);
  });

  it('leaves name and password in the session', async () => {
    const visitor = new Visitor(httpd.url);
    const answer = await visitor.submit('/login', CREDENTIALS);
    expect([answer.status, answer.headers.location]).toEqual([302, '/private/echo']);
    expect(await sessionOf(visitor)).toEqual({
      'my realm-user': ALICE.name,
      'my realm-pw': ALICE.password,
    });
  });

  it('with a wrong password leaves no session', async () => {
    const visitor = new Visitor(httpd.url);
    const { status } = await visitor.submit('/login', { ...CREDENTIALS, httpd_password: 'x' });
    expect([status, visitor.jar.size]).toEqual([401, 0]);
  });

  it('made here is accepted there', async () => {
    const visitor = await visitorWith({ user: ALICE.name, pw: ALICE.password });
    expect((await visitor.get('/private/echo')).status).toBe(200);
  });

  it.each([
    ['a wrong password', { user: ALICE.name, pw: 'x' }],
    ['no password', { user: ALICE.name }],
    ['an unknown user', { user: 'nobody', pw: ALICE.password }],
  ])('made here with %s is refused there', async (_, entries) => {
    const visitor = await visitorWith(entries);
    expect((await visitor.get('/private/echo')).status).toBe(401);
  });

  it('at a site with a passphrase leaves its hash, which is admitted without a password', async () => {
    const visitor = new Visitor(httpd.url);
    await visitor.submit('/site/login', CREDENTIALS);
    expect((await sessionOf(visitor))['my realm-site']).toBe(siteOf(ALICE.name));
    const own = await visitorWith({ user: ALICE.name, pw: 'x', site: siteOf(ALICE.name) });
    expect((await own.get('/site/echo')).status).toBe(200);
    expect((await own.get('/private/echo')).status).toBe(401);
  });

  it('made here ends at the logout there, and the other entries stay', async () => {
    const visitor = new Visitor(httpd.url);
    const login = textOf({ user: ALICE.name, pw: ALICE.password });
    visitor.jar.set('session', await envelope.seal(`cart=3&${login}`));
    await visitor.get('/logout');
    expect(await sessionOf(visitor)).toEqual({ cart: '3' });
    expect((await visitor.get('/private/echo')).status).toBe(401);
  });
});
