import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { fromApacheDirectives } from '../../lib/apache/index.js';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { Client, ScriptApp } from '../support/script-app.js';
import { Visitor } from '../support/visitor.js';
import { echo } from './support/echo.js';
import { startHttpd, type Httpd } from './support/httpd.mjs';
import { live } from './support/live.js';

const MACROS = String.raw`
<Macro Keys $first $firstKey>
  SessionCryptoPassphrase "$firstKey" '$first'
</Macro>
<Macro Site $host $key>
  <VirtualHost *>
    ServerName $host.example
    Session On
    SessionCookieName ${'${'}NAME} path=/
    Use Keys "$host" "$key"
  </VirtualHost>
</Macro>
`;
const TEXT = `
Define NAME session
Include "\${ROOT}/macros.conf"
IncludeOptional "\${ROOT}/other.conf"
Use Site shop "a key of the shop"
USE site wiki "a key of the wiki"
UndefMacro Site
`;

describe.skipIf(!live).each(ADAPTER_NAMES)('macros and included files on %s', (adapter: AdapterName) => {
  let httpd: Httpd;
  let nest: ScriptApp;

  beforeAll(async () => {
    httpd = await startHttpd({
      modules: [...echo.modules, 'macro'],
      files: { ...echo.files, 'macros.conf': MACROS },
      config: `${echo.config}${TEXT}`,
    });
    const options = fromApacheDirectives(TEXT, {
      defines: { ROOT: httpd.root },
      include: (path) => !path.endsWith('other.conf') && readFileSync(path, 'utf8'),
    });
    nest = await ScriptApp.start({ ...options, cookie: { ...options.cookie, secure: false } }, adapter);
  });
  afterAll(() => httpd?.stop());

  it.each(['shop', 'wiki'])('make the sessions of %s as in httpd', async (name) => {
    const host = `${name}.example`;
    const visitor = new Visitor(httpd.url, new Map(), { host });
    await visitor.post('/echo', `at=${name}`);
    const client = new Client(nest.url, visitor.jar);
    const { body } = await client.run((session) => session.all(), { headers: { host } });
    expect(body).toEqual({ result: { at: name } });
    await client.run((session) => session.set('and', 'Nest'), { headers: { host } });
    expect((await visitor.get('/echo')).text).toContain('and=Nest');
  });
});
