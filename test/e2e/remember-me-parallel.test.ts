import { describe, expect, it, vi } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { rememberPlaces } from './support/remember-places.js';
import { ADAPTER_NAMES, subjectOf, type Script } from './support/remember-app.js';

const { start, everywhere } = rememberPlaces();

describe.each(everywhere)('a remembered browser on $adapter, series in $place', ({ adapter, setup }) => {
  it('replaces its token once for 20 parallel requests, and all are logged in', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const twins = Array.from({ length: 20 }, () => client.copy());
    const answers = await Promise.all(twins.map((twin) => twin.get('/mine')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    app.ahead = 3600;
    for (const twin of twins) twin.jar.delete('sid');
    // All twins have the same new token: the first use replaces it, and the others come within the grace period.
    for (const twin of twins) expect(await subjectOf(twin)).toBe('ada');
    expect(app.seen('rememberTheft')).toEqual([]);
  });

  it('recovers when the response with its next token was lost', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const lost = client.copy();
    await lost.get('/mine');
    app.ahead = 30;
    expect(await subjectOf(client)).toBe('ada');
    app.ahead = 7200;
    client.jar.delete('sid');
    expect(await subjectOf(client)).toBe('ada');
    expect(app.seen('rememberTheft')).toEqual([]);
  });

  const leave: Script = async (session, rememberMe) => {
    await session.logout();
    await rememberMe.forget();
  };

  it('is logged out for good beside requests that have just logged in with the same cookie', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const before = await app.sessions.list('ada'); // the session before the browser was closed
    const twins = [client.copy(), client.copy(), client.copy()];
    for (const twin of twins) expect(await subjectOf(twin)).toBe('ada');
    await app.run(client, leave);
    for (const twin of twins) expect(await subjectOf(twin)).toBe(null);
    expect(await app.sessions.list('ada')).toEqual(before);
  });

  it('is logged out for good while other requests log in', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    const before = await app.sessions.list('ada');
    const twins = Array.from({ length: 12 }, () => client.copy());
    const first = twins.slice(0, 6).map((twin) => twin.get('/mine'));
    const left = app.run(client, leave);
    await Promise.all([...first, left, ...twins.slice(6).map((twin) => twin.get('/mine'))]);
    for (const twin of twins) expect(await subjectOf(twin)).toBe(null);
    expect(await app.sessions.list('ada')).toEqual(before);
  });

  it('stays logged in when it is only forgotten, and on its other devices', async () => {
    const app = await start(adapter, setup());
    const other = await app.remembered();
    const client = await app.returning();
    await client.get('/mine');
    await client.send('POST', '/forget');
    expect([await subjectOf(client), await subjectOf(other)]).toEqual(['ada', 'ada']);
    client.jar.delete('sid');
    expect(await subjectOf(client)).toBe(null);
  });

  it.each<{ title: string; script: Script }>([
    { title: 'has changed its id', script: (session) => session.regenerate() },
    { title: 'has proved who the user is', script: (session) => session.login('ada') },
  ])('stays logged in when it is forgotten just after its session $title', async ({ script }) => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    expect(await subjectOf(client)).toBe('ada');
    await app.run(client, script);
    await client.send('POST', '/forget');
    expect(await subjectOf(client)).toBe('ada');
  });

  it('stays logged in when it is forgotten in the request that changes its id', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    expect(await subjectOf(client)).toBe('ada');
    await app.run(client, async (session, rememberMe) => {
      await session.regenerate();
      await rememberMe.forget();
    });
    expect(await subjectOf(client)).toBe('ada');
  });
});

describe.each(ADAPTER_NAMES)('a token on %s', (adapter) => {
  it('is replaced in one guarded step, however many requests send it at the same time', async () => {
    const store = memoryStore();
    const replace = vi.spyOn(store, 'replace');
    const app = await start(adapter, { remember: { store } });
    const client = await app.returning();
    const twins = Array.from({ length: 20 }, () => client.copy());
    await Promise.all(twins.map((twin) => twin.get('/mine')));
    const results = await Promise.all(replace.mock.results.map(({ value }) => value as Promise<string>));
    expect(results.filter((result) => result === 'saved')).toHaveLength(1);
    expect(app.seen('remembered')).toHaveLength(20);
  });
});
