import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { cookieStore, memoryStore, SessionConfigError, type IdOptions } from 'nestjs-session-crypto';
import { ScriptApp, type AdapterName, type Script } from '../support/script-app.js';

const apps: ScriptApp[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function start(adapter: AdapterName, id: IdOptions) {
  const app = await ScriptApp.start({ store: memoryStore(), id }, adapter);
  apps.push(app);
  return app;
}

type Init = { headers?: Record<string, string>; query?: string; body?: string };

/** One request without a cookie jar. */
async function send(app: ScriptApp, script: Script, { headers = {}, query = '', body }: Init = {}) {
  const client = app.client();
  client.send = async (method, path) => {
    const response = await fetch(app.url + path + query, { method, headers, ...(body && { body }) });
    const text = await response.text();
    return {
      status: response.status,
      body: text ? (JSON.parse(text) as unknown) : undefined,
      cookies: response.headers.getSetCookie(),
      headers: response.headers,
    };
  };
  return client.run(script);
}

const subject: Script = (session) => session.subject ?? null;
const login: Script = (session) => session.login('ada');
const FORM = {
  'sec-fetch-site': 'same-origin',
  'content-type': 'application/x-www-form-urlencoded',
};

describe.each(['express', 'fastify'] as const)('ids in a header on %s', (adapter) => {
  it('are told in the header, and no cookie is sent', async () => {
    const app = await start(adapter, { sources: ['header'] });
    const began = await send(app, login);
    const id = began.headers.get('x-session-id')!;
    expect(id.length).toBeGreaterThan(40);
    expect(began.cookies).toEqual([]);
    expect((await send(app, subject, { headers: { 'x-session-id': id } })).body).toEqual({ result: 'ada' });
  });

  it('are taken under another name, and told only when they change', async () => {
    const app = await start(adapter, { sources: ['header'], header: 'X-Id' });
    const id = (await send(app, login)).headers.get('x-id')!;
    const read = await send(app, subject, { headers: { 'x-id': id } });
    expect(read.body).toEqual({ result: 'ada' });
    expect(read.headers.get('x-id')).toBeNull();
    expect(read.headers.get('vary')).toMatch(/Cookie, x-id/);
  });

  it('are told empty when the session has ended, and lead nowhere then', async () => {
    const app = await start(adapter, { sources: ['header'] });
    const headers = { 'x-session-id': (await send(app, login)).headers.get('x-session-id')! };
    const left = await send(app, (session) => session.logout(), { headers });
    expect(left.headers.get('x-session-id')).toBe('');
    expect((await send(app, subject, { headers })).body).toEqual({ result: null });
  });

  it('count only where no cookie comes, which browsers keep from scripts', async () => {
    const app = await start(adapter, { sources: ['cookie', 'header'] });
    const byCookie = await send(app, login);
    expect(byCookie.cookies).toHaveLength(1);
    expect(byCookie.headers.get('x-session-id')).toBeNull();
    const byHeader = await send(app, login, { headers: { 'x-session-id': '' } });
    expect(byHeader.cookies).toEqual([]);
    const cookie = byCookie.cookies[0]!.split(';')[0]!;
    const stranger = { cookie, 'x-session-id': byHeader.headers.get('x-session-id')! };
    await send(app, (session) => session.set('n', 1), { headers: stranger });
    const read = await send(app, (session) => session.get('n'), { headers: { cookie } });
    expect(read.body).toEqual({ result: 1 });
  });

  it('that we never made are not adopted', async () => {
    const app = await start(adapter, { sources: ['header'] });
    const planted = randomUUID();
    const made = await send(app, login, { headers: { 'x-session-id': planted } });
    expect(made.status).toBe(201);
    expect(made.headers.get('x-session-id')).not.toContain(planted);
    expect(app.seen('rejected')).toHaveLength(1);
  });
});

describe.each(['express', 'fastify'] as const)('ids in links and forms on %s', (adapter) => {
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
