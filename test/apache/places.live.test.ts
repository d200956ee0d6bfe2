import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromApacheDirectives } from '../../lib/apache/index.js';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { Client, ScriptApp } from '../support/script-app.js';
import { Visitor } from '../support/visitor.js';
import { echo } from './support/echo.js';
import { startHttpd, type Httpd } from './support/httpd.mjs';
import { live } from './support/live.js';

/** Hosts of one server, with one cookie name and a passphrase each, and two paths of a third host. */
const places = (address: string) => `
<VirtualHost ${address}>
  ServerName shop.example
  Session On
  SessionCookieName session path=/
  SessionCryptoPassphrase "the passphrase of the shop"
</VirtualHost>
<VirtualHost ${address}>
  ServerName wiki.example
  ServerAlias *.wiki.example
  Session On
  SessionCookieName session path=/
  SessionCryptoPassphrase "the passphrase of the wiki"
</VirtualHost>
<VirtualHost ${address}>
  ServerName one.wiki.example
  Session On
  SessionCookieName session path=/
  SessionCryptoPassphrase "a passphrase that httpd never uses, because the alias of the wiki comes first"
</VirtualHost>
<VirtualHost ${address}>
  ServerName apps.example
  <Location /run>
    Session On
    SessionCookieName session path=/run
    SessionCryptoPassphrase "the passphrase of one path"
  </Location>
  <Location /other>
    Session On
    SessionCookieName session path=/other
    SessionCryptoPassphrase "the passphrase of another path"
  </Location>
</VirtualHost>
`;

describe.skipIf(!live).each(ADAPTER_NAMES)(
  'places with one cookie name and passphrases of their own, on %s',
  (adapter: AdapterName) => {
    let httpd: Httpd;
    let nest: ScriptApp;

    beforeAll(async () => {
      httpd = await startHttpd({ ...echo, config: `${echo.config}${places('*')}` });
      const options = fromApacheDirectives(places('*'));
      nest = await ScriptApp.start({ ...options, cookie: { ...options.cookie, secure: false } }, adapter);
    });
    afterAll(() => httpd?.stop());

    /** Begins a session at httpd and returns its cookies. */
    async function begun(host: string, path: string, text: string): Promise<Map<string, string>> {
      const visitor = new Visitor(httpd.url, new Map(), { host });
      await visitor.post(`${path}/echo`, text);
      return visitor.jar;
    }

    const readHere = async (host: string, jar: Map<string, string>) =>
      (await new Client(nest.url, new Map(jar)).run((session) => session.all(), { headers: { host } })).body;

    it.each([
      { host: 'shop.example', path: '', others: ['wiki.example', 'apps.example'] },
      { host: 'wiki.example', path: '', others: ['shop.example', 'apps.example'] },
      { host: 'en.wiki.example', path: '', others: ['shop.example'] },
      { host: 'one.wiki.example', path: '', others: ['shop.example'] },
      { host: 'apps.example', path: '/run', others: ['shop.example', 'wiki.example'] },
    ])('share the sessions of $host with httpd, and no other ones', async ({ host, path, others }) => {
      const jar = await begun(host, path, `at=${host}`);
      expect(await readHere(host, jar)).toEqual({ result: { at: host } });
      for (const other of others) expect(await readHere(other, jar)).toEqual({ result: {} });
    });

    it('do not share the sessions of two paths', async () => {
      expect(await readHere('apps.example', await begun('apps.example', '/other', 'at=other'))).toEqual({
        result: {},
      });
    });
  },
);
