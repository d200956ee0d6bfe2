import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { apache, fromApacheDirectives } from '../../lib/apache/index.js';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';
import { echo } from './support/echo.js';
import { startHttpd, type Httpd } from './support/httpd.mjs';
import { live } from './support/live.js';
import { SharedBrowser } from './support/two-sides.js';

/** One text that both sides read. */
const DIRECTIVES = `
# what a page about mod_session_crypto begins with
Define KEY "the passphrase of both"
Session On
SessionCookieName session path=/
SessionMaxAge 1800
SessionCryptoPassphrase "\${KEY}" \\
    'another one'
SessionCryptoCipher aes192
<Location "/private">
  Session Off
</Location>
`;

describe.skipIf(!live).each(ADAPTER_NAMES)(
  'httpd and Nest on %s, made from one text',
  (adapter: AdapterName) => {
    let httpd: Httpd;
    let nest: ScriptApp;

    beforeAll(async () => {
      httpd = await startHttpd({ ...echo, config: `${echo.config}${DIRECTIVES}` });
      nest = await ScriptApp.start(fromApacheDirectives(DIRECTIVES), adapter);
    });
    afterAll(() => httpd?.stop());

    it('share what either began', async () => {
      const browser = new SharedBrowser(httpd.url, nest.client());
      await browser.merge('from=httpd');
      expect(await browser.all()).toEqual({ from: 'httpd' });
      await browser.nest.run((session) => session.set('and', 'Nest'));
      expect(await browser.entries()).toEqual({ from: 'httpd', and: 'Nest' });
    });

    it('give a session the same end', async () => {
      const browser = new SharedBrowser(httpd.url, nest.client());
      await browser.nest.run((session) => session.set('n', '1'));
      const expiry = Number(new URLSearchParams(await browser.text()).get('expiry'));
      expect(expiry / 1e6 - Date.now() / 1000).toBeGreaterThan(1790);
      expect(expiry / 1e6 - Date.now() / 1000).toBeLessThan(1810);
    });
  },
);

describe.skipIf(!live)('a session of httpd that is migrated', () => {
  let httpd: Httpd;
  let nest: ScriptApp;

  beforeAll(async () => {
    httpd = await startHttpd({ ...echo, config: `${echo.config}${DIRECTIVES}` });
    const old = apache({
      secrets: ['the passphrase of both'],
      cipher: 'aes192',
      cookie: { name: 'session' },
      until: new Date(Date.now() + 3_600_000),
    });
    nest = await ScriptApp.start({ crypto: { secrets: [SECRET], accept: [old] }, store: memoryStore() });
  });
  afterAll(() => httpd?.stop());

  it('keeps its data and loses its cookie, and httpd no longer knows it', async () => {
    const browser = new SharedBrowser(httpd.url, nest.client());
    await browser.merge('cart=apples');
    const thief = browser.copy();
    expect(await browser.all()).toEqual({ cart: 'apples' });
    expect([...browser.jar.keys()]).toEqual(['sid']);
    expect(await browser.entries()).toEqual({});
    await browser.nest.run((session) => session.logout());
    expect(await thief.all()).toEqual({});
  });
});
