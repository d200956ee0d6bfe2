import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cookieStore, memoryStore, SessionConfigError, type IdOptions } from 'nestjs-session-crypto';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { Client, type Script, ScriptApp } from '../support/script-app.js';

const start = (adapter: AdapterName, id: IdOptions) => ScriptApp.start({ store: memoryStore(), id }, adapter);

/** One request without a cookie jar. */
const send = (app: ScriptApp, script: Script, question?: Parameters<Client['run']>[1]) =>
  app.client().run(script, question);

const subject: Script = (session) => session.subject ?? null;
const login: Script = (session) => session.login('ada');
const FORM = {
  'sec-fetch-site': 'same-origin',
  'content-type': 'application/x-www-form-urlencoded',
};

describe.each(ADAPTER_NAMES)('ids in a header on %s', (adapter) => {
  it('are told in the header, and no cookie is sent', async () => {
    const app = await start(adapter, { sources: ['header'] });
    const began = await send(app, login);
    const id = began.headers['x-session-id'] as string;
    expect(id.length).toBeGreaterThan(40);
    expect(began.cookies).toEqual([]);
    expect((await send(app, subject, { headers: { 'x-session-id': id } })).body).toEqual({ result: 'ada' });
  });

  it('are taken under another name, and told only when they change', async () => {
    const app = await start(adapter, { sources: ['header'], header: 'X-Id' });
    const id = (await send(app, login)).headers['x-id']!;
    const read = await send(app, subject, { headers: { 'x-id': id } });
    expect(read.body).toEqual({ result: 'ada' });
    expect(read.headers['x-id']).toBeUndefined();
    expect(read.headers['vary']).toMatch(/Cookie, x-id/);
  });

  it('are told empty when the session has ended, and lead nowhere then', async () => {
    const app = await start(adapter, { sources: ['header'] });
    const headers = { 'x-session-id': (await send(app, login)).headers['x-session-id']! };
    const left = await send(app, (session) => session.logout(), { headers });
    expect(left.headers['x-session-id']).toBe('');
    expect((await send(app, subject, { headers })).body).toEqual({ result: null });
  });

  it('count only where no cookie comes, which browsers keep from scripts', async () => {
    const app = await start(adapter, { sources: ['cookie', 'header'] });
    const byCookie = await send(app, login);
    expect(byCookie.cookies).toHaveLength(1);
    expect(byCookie.headers['x-session-id']).toBeUndefined();
    const byHeader = await send(app, login, { headers: { 'x-session-id': '' } });
    expect(byHeader.cookies).toEqual([]);
    const cookie = byCookie.cookies[0]!.split(';')[0]!;
    const stranger = { cookie, 'x-session-id': byHeader.headers['x-session-id']! };
    await send(app, (session) => session.set('n', 1), { headers: stranger });
    const read = await send(app, (session) => session.get('n'), { headers: { cookie } });
    expect(read.body).toEqual({ result: 1 });
  });

  it('that we never made are not adopted', async () => {
    const app = await start(adapter, { sources: ['header'] });
    const planted = randomUUID();
    const made = await send(app, login, { headers: { 'x-session-id': planted } });
    expect(made.status).toBe(201);
    expect(made.headers['x-session-id']).not.toContain(planted);
    expect(app.seen('rejected')).toHaveLength(1);
  });
});

describe.each(ADAPTER_NAMES)('ids in links and forms on %s', (adapter) => {
  async function begun(id: IdOptions) {
    const app = await start(adapter, id);
    const token = (await send(app, login)).cookies[0]!.split(';')[0]!.slice('sid='.length);
    return { app, token };
  }

  it('count when a page of our own sent them', async () => {
    const { app, token } = await begun({ sources: ['cookie', 'query', 'body'] });
    const link = { query: `?sid=${token}`, headers: { 'sec-fetch-site': 'same-origin' } };
    expect((await send(app, subject, link)).body).toEqual({ result: 'ada' });
    const form = { body: `a=1&sid=${token}`, headers: FORM };
    expect((await send(app, subject, form)).body).toEqual({ result: 'ada' });
  });

  it('count for nothing when another site sent them, or nobody says who', async () => {
    const { app, token } = await begun({ sources: ['cookie', 'query', 'body'] });
    const sites: Record<string, string>[] = [{}, { 'sec-fetch-site': 'cross-site' }];
    for (const headers of sites)
      expect((await send(app, subject, { query: `?sid=${token}`, headers })).body).toEqual({ result: null });
  });

  it('count for nothing where they are not asked for', async () => {
    const { app, token } = await begun({});
    const link = { query: `?sid=${token}`, headers: { ...FORM, 'x-session-id': token } };
    expect((await send(app, subject, { ...link, body: `sid=${token}` })).body).toEqual({ result: null });
  });
});

it('a session that is in its cookie has no other way to come', async () => {
  const begin = ScriptApp.start({ store: cookieStore(), id: { sources: ['header'] } });
  await expect(begin).rejects.toThrow(SessionConfigError);
  await expect(begin).rejects.toThrow(/id\.sources/);
});

it.each([
  [{ sources: [] }, 'id.sources'],
  [{ sources: ['path'] }, 'id.sources'],
  [{ sources: ['query'] }, 'id.sources'],
  [{ header: 'a b' }, 'id.header'],
  [{ parameter: '' }, 'id.parameter'],
  [{ refererCheck: { origins: [] } }, 'id.refererCheck.origins'],
  [{ refererCheck: { origins: ['shop.example'] } }, 'id.refererCheck.origins[0]'],
  [{ refererCheck: { origins: ['https://shop.example/'] } }, 'id.refererCheck.origins[0]'],
  [{ source: ['cookie'] }, 'id.source'],
])('options %j are a fault at %s', async (id, path) => {
  const options = { store: memoryStore(), id: id as IdOptions };
  await expect(ScriptApp.start(options)).rejects.toMatchObject({
    faults: expect.arrayContaining([expect.objectContaining({ path })]) as unknown,
  });
});
