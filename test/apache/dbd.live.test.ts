import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, BASIC, BASIC_MODULES, basicHeader, BOB, USER_FILE } from './support/accounts.js';
import { ApacheEnvelope } from '../../lib/apache/index.js';
import { echo } from './support/echo.js';
import { startHttpd, type Httpd } from './support/httpd.mjs';
import { live } from './support/live.js';
import { DBD_MODULES, sessionTable, type SessionTable } from './support/session-table.js';
import { Visitor } from '../support/visitor.js';

const SECRET = 'a passphrase of the table tests';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MAX_AGE = 600;

const locations = `
<Location /anonymous>
Session On
SessionDBDCookieName sid path=/
</Location>
<Location /short>
Session On
SessionMaxAge ${MAX_AGE}
SessionDBDCookieName sid path=/
</Location>
<Location /user>
Session On
SessionDBDPerUser On
${BASIC}</Location>`;

describe.skipIf(!live)('a row that httpd and we share', () => {
  const envelope = new ApacheEnvelope({ cipher: 'aes256', secrets: [SECRET] });
  let table: SessionTable;
  let httpd: Httpd;

  const openRow = async (key: string) => {
    const row = (await table.rows()).find((row) => row.key === key)!;
    return { row, text: (await envelope.open(row.value))?.plaintext.toString() };
  };
  const insert = async (key: string, text: string, expiry = '0') =>
    table.insert({ key, value: await envelope.seal(text), expiry });

  beforeAll(async () => {
    table = await sessionTable();
    httpd = await startHttpd({
      modules: [...echo.modules, ...DBD_MODULES, ...BASIC_MODULES],
      files: { ...echo.files, users: USER_FILE },
      config: `${echo.config}${table.config}SessionCryptoPassphrase "${SECRET}"\n${locations}`,
    });
  });
  afterAll(async () => {
    await httpd?.stop();
    await table?.close();
  });

  it('made by httpd, is opened here', async () => {
    const visitor = new Visitor(httpd.url);
    await visitor.post('/anonymous/echo', 'name=ada&lang=de');
    const key = visitor.jar.get('sid')!;
    expect(key).toMatch(UUID);
    expect(await openRow(key)).toMatchObject({ row: { expiry: '0' }, text: 'name=ada&lang=de' });
  });

  it('made by httpd with a maximum age, has the same moment in text and column', async () => {
    const visitor = new Visitor(httpd.url);
    const before = Date.now();
    await visitor.post('/short/echo', 'name=ada');
    const { row, text } = await openRow(visitor.jar.get('sid')!);
    const entries = new URLSearchParams(text);
    expect([entries.get('name'), entries.get('expiry')]).toEqual(['ada', row.expiry]);
    const seconds = (Number(row.expiry) / 1000 - before) / 1000 - MAX_AGE;
    expect(seconds).toBeGreaterThanOrEqual(-0.001);
    expect(seconds).toBeLessThan(30);
  });

  it('made here, is read by httpd', async () => {
    const visitor = new Visitor(httpd.url);
    const key = randomUUID();
    await insert(key, 'made=here&n=1');
    visitor.jar.set('sid', key);
    expect((await visitor.get('/anonymous/echo')).text).toBe('made=here&n=1');
  });

  it('made here, is moved and not forked when httpd changes it', async () => {
    const visitor = new Visitor(httpd.url);
    const key = randomUUID();
    await insert(key, 'made=here&n=1');
    visitor.jar.set('sid', key);
    await visitor.post('/anonymous/echo', 'n=2');
    const moved = visitor.jar.get('sid')!;
    expect(moved).not.toBe(key);
    expect((await openRow(moved)).text).toBe('made=here&n=2');
    expect((await table.rows()).map((row) => row.key)).not.toContain(key);
  });

  it('made here, ends at httpd when its column or its text says so', async () => {
    const past = String(BigInt(Date.now() - 1000) * 1000n);
    const keys = [randomUUID(), randomUUID()] as const;
    await insert(keys[0], 'n=1', past);
    await insert(keys[1], `n=1&expiry=${past}`);
    for (const key of keys) {
      const visitor = new Visitor(httpd.url);
      visitor.jar.set('sid', key);
      expect((await visitor.get('/anonymous/echo')).text).toBe('');
    }
  });

  it('of a user, made by httpd, is opened here by the name', async () => {
    const visitor = new Visitor(httpd.url, new Map(), { authorization: basicHeader(ALICE) });
    const { status, cookies } = await visitor.post('/user/echo', 'n=1');
    expect([status, cookies]).toEqual([200, []]);
    expect((await openRow(ALICE.name)).text).toBe('n=1');
  });

  it('of a user, made here, is read and changed by httpd in place', async () => {
    const visitor = new Visitor(httpd.url, new Map(), { authorization: basicHeader(BOB) });
    await insert(BOB.name, 'made=here');
    expect((await visitor.get('/user/echo')).text).toBe('made=here');
    await visitor.post('/user/echo', 'n=2');
    expect((await openRow(BOB.name)).text).toBe('made=here&n=2');
  });
});
