import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApacheEnvelope, apache, dbdStore } from '../../lib/apache/index.js';
import { ScriptApp } from '../support/script-app.js';
import { Visitor } from '../support/visitor.js';
import { ALICE, BASIC, BASIC_MODULES, basicHeader, BOB, USER_FILE } from './support/accounts.js';
import { echo } from './support/echo.js';
import { REALM } from './support/form.js';
import { startHttpd } from './support/httpd.mjs';
import { live } from './support/live.js';
import { DBD_MODULES, sessionTable } from './support/session-table.js';
import { COOKIE, SECRETS, TwoSides, type SharedBrowser } from './support/two-sides.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe.skipIf(!live)('the table that httpd and Nest share', () => {
  let sides: TwoSides;
  let browser: SharedBrowser;
  const rows = () => sides.table!.rows();
  const keys = async () => (await rows()).map(({ key }) => key);

  beforeEach(async () => {
    sides = await TwoSides.start('express', 'dbd');
    browser = sides.browser();
  });
  afterEach(() => sides?.close());

  it('has one row a session, whoever changes it', async () => {
    await browser.nest.run((session) => session.set('n', '0'));
    for (let step = 1; step < 4; step++) {
      await browser.merge(`n=${step}`);
      await browser.nest.run((session) => session.set('nest', String(step)));
    }
    expect(await keys()).toEqual([browser.jar.get(COOKIE)]);
  });

  it('has rows of Nest with keys like those of httpd, and one expiry in text and column', async () => {
    await browser.nest.run((session) => session.set('name', 'ada'));
    const [row] = await rows();
    const opened = await new ApacheEnvelope({ secrets: SECRETS }).open(row!.value);
    const entries = new URLSearchParams(opened!.plaintext.toString());
    expect(row!.key).toMatch(UUID);
    expect([entries.get('name'), entries.get('expiry')]).toEqual(['ada', row!.expiry]);
  });

  it('has no row of a session that Nest destroyed or emptied', async () => {
    await browser.merge('name=ada');
    await browser.nest.run((session) => session.destroy());
    expect(await keys()).toEqual([]);
  });

  it('has another key after a login in Nest, and httpd does not know the old one', async () => {
    await browser.merge('name=ada');
    const thief = browser.copy();
    await browser.nest.run((session) => session.login('ada'));
    expect(await thief.text()).toBe('');
    expect(await browser.entries()).toEqual({ name: 'ada', [`${REALM}-user`]: 'ada' });
  });

  it('keeps the changes that two requests of Nest make at once', async () => {
    await browser.merge('name=ada');
    const requests = Array.from({ length: 8 }, (_, i) =>
      browser.copy().nest.run((session) => session.set(`k${i}`, '1')),
    );
    await Promise.all(requests);
    expect(Object.keys(await browser.entries())).toHaveLength(9);
  });
});

describe.skipIf(!live)('rows that are found by user', () => {
  it('are shared by httpd and Nest', async () => {
    const table = await sessionTable();
    const httpd = await startHttpd({
      modules: [...echo.modules, ...DBD_MODULES, ...BASIC_MODULES],
      files: { ...echo.files, users: USER_FILE },
      config: `${echo.config}${table.config}
Session On
SessionDBDPerUser On
SessionCryptoPassphrase "${SECRETS[0]}"
<Location />${BASIC}</Location>`,
    });
    const dataSource = { type: 'postgres', url: table.url } as const;
    const nest = await ScriptApp.start({
      crypto: { format: apache({ secrets: SECRETS }) },
      store: dbdStore({ dataSource, table: table.name, perUser: () => ALICE.name }),
    });
    try {
      const [alice, bob] = [ALICE, BOB].map(
        (user) => new Visitor(httpd.url, new Map(), { authorization: basicHeader(user) }),
      );
      await alice!.post('/echo', 'name=alice');
      const answer = await nest.client().run((session) => session.set('seen', session.get('name')));
      expect(answer.cookies).toEqual([]);
      expect((await alice!.get('/echo')).text).toContain('name=alice&seen=alice');
      expect((await bob!.get('/echo')).text).toBe('');
    } finally {
      await nest.close();
      await httpd.stop();
      await table.close();
    }
  });
});
