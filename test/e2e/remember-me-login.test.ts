import { describe, expect, it } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { rememberPlaces } from './support/remember-places.js';
import { ADAPTER_NAMES, logInAndRemember, rememberLines, subjectOf } from './support/remember-app.js';

const { start, everywhere } = rememberPlaces();

describe.each(everywhere)('a remembered browser on $adapter, series in $place', ({ adapter, setup }) => {
  it('is logged in when it comes back, and gets another token', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const before = client.jar.get('remember');
    const { status, body, cookies } = await client.get('/mine');
    expect([status, body]).toEqual([200, { subject: 'ada', proved: false }]);
    expect(client.jar.get('remember')).toHaveLength(before!.length);
    expect(client.jar.get('remember')).not.toBe(before);
    expect(cookies).toHaveLength(2);
    expect(await client.get('/mine')).toMatchObject({ status: 200, cookies: [] });
    expect(app.seen('remembered')).toMatchObject([{ session: 'default', subject: 'ada' }]);
  });

  it('gets a cookie that scripts do not see and that lasts 30 days', async () => {
    const app = await start(adapter, setup());
    const answer = await app.run(app.client(), logInAndRemember());
    expect(rememberLines(answer)).toEqual([
      expect.stringMatching(
        /^remember=[\w-]{167}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax; Priority=High$/,
      ),
    ]);
  });

  it('is not fresh until it logs in with its password', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    expect((await client.get('/fresh')).status).toBe(401);
    expect((await client.get('/mine')).status).toBe(200);
    await app.run(client, (session) => session.login('ada'));
    expect((await client.get('/fresh')).status).toBe(200);
  });

  it('stays anonymous while its subject has as many sessions as he may, and keeps its cookie', async () => {
    const setting = setup();
    const session = { maxPerSubject: { limit: 1, whenFull: 'refuse' as const } };
    const app = await start(adapter, { ...setting, session: { ...setting.session, session } });
    const client = await app.remembered();
    client.jar.delete('sid');
    expect([(await client.get('/who')).body, client.jar.has('remember')]).toEqual([{ subject: null }, true]);
    app.ahead = 1441;
    expect((await client.get('/who')).body).toEqual({ subject: 'ada' });
  });

  it('is logged in on a route that only reads', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    expect((await client.get('/readonly')).body).toEqual({ subject: 'ada' });
  });

  it("keeps the data of the visitor's session, which gets another id", async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const token = client.jar.get('remember')!;
    client.jar.delete('remember');
    await app.run(client, (session) => session.set('cart' as never, ['tea'] as never));
    const visitor = client.copy();
    client.jar.set('remember', token);
    const { body } = await app.run(client, (session) => [session.subject, session.get('cart' as never)]);
    expect(body).toEqual({ result: ['ada', ['tea']] });
    expect(client.jar.get('sid')).not.toBe(visitor.jar.get('sid'));
    expect((await app.run(visitor, (session) => session.isNew)).body).toEqual({ result: true });
  });

  it('has one series, however often it is remembered', async () => {
    const app = await start(adapter, setup());
    const client = await app.remembered('bob');
    await app.run(client, async (session, rememberMe) => {
      await session.login('bob');
      await rememberMe.remember();
      await rememberMe.remember();
    });
    expect(await app.rememberMe.list('bob')).toHaveLength(1);
    client.jar.delete('sid');
    expect(await subjectOf(client)).toBe('bob');
  });
});

describe.each(ADAPTER_NAMES)('an automatic login on %s', (adapter) => {
  it('happens before a global guard', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() }, guard: true });
    const client = await app.returning();
    expect((await app.client().get('/who')).status).toBe(401);
    expect((await client.get('/who')).status).toBe(200);
  });

  it('happens where sessions are loaded before the handler', async () => {
    const session = { session: { load: 'eager' as const } };
    const app = await start(adapter, { session, remember: { store: memoryStore() }, guard: true });
    const client = await app.returning();
    expect((await client.get('/untouched')).status).toBe(200);
    expect(app.seen('remembered')).toHaveLength(1);
  });

  it('does not happen on a route with a shorter idle timeout, and the session goes on', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const client = await app.remembered();
    app.ahead = 300;
    expect((await client.get('/lately')).status).toBe(401);
    expect((await client.get('/mine')).body).toEqual({ subject: 'ada', proved: true });
    expect(app.seen('remembered')).toEqual([]);
  });

  it('does not happen for a session that ended less than the grace time ago', async () => {
    const app = await start(adapter, { remember: { store: memoryStore() } });
    const client = await app.remembered();
    const late = client.copy();
    await app.run(client, (session) => session.logout());
    expect(await late.get('/who')).toMatchObject({ body: { subject: null }, cookies: [] });
  });
});
