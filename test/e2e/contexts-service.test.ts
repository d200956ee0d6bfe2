import { describe, expect, it } from 'vitest';
import { memoryStore, SessionConfigError, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { fromCookieSession } from 'nestjs-session-crypto/migrate';
import { Client, ScriptApp, type Script } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';

let app: ScriptApp;

/** An application whose handlers are all in a context with a store of its own. */
async function inContext(part: Partial<SessionCryptoOptions> = {}): Promise<Client> {
  const store = memoryStore();
  app = await ScriptApp.start({
    store: memoryStore(),
    contexts: [
      { path: '/run', cookie: { name: 'inner' }, store, ...part },
      { path: '/other', cookie: { name: 'other' }, store },
    ],
  });
  return app.client();
}

const down = () => Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
const away = { reason: 'ECONNREFUSED' };

const logIn: Script = (session) => session.login('ada');
const subjectOf = (client: Client) => client.result((session) => session.subject ?? null);
const idOf = (client: Client) => client.result((session) => session.id) as Promise<string>;

describe('SessionService', () => {
  it('lists, counts and revokes in the stores of contexts too', async () => {
    const client = await inContext();
    await client.run((session) => session.login('ada'));
    const [listed, ...others] = await app.sessions.list('ada');
    expect(others).toEqual([]);
    expect(await app.sessions.count()).toBe(1);
    await app.sessions.revoke(listed!.id);
    expect(await client.result((session) => session.subject ?? null)).toBeNull();
  });

  it("ends a subject's sessions wherever they are", async () => {
    const client = await inContext();
    await client.run((session) => session.login('ada'));
    expect(await app.sessions.revokeSubject('ada')).toBe(1);
    expect(await client.result((session) => session.subject ?? null)).toBeNull();
  });

  it.each(['revokeSubject', 'revokeAll'] as const)(
    '%s ends the sessions of one store though another one is down, and says that it is',
    async (revoke) => {
      const base = memoryStore();
      const until = new Date(Date.now() + 3_600_000);
      const accept = [fromCookieSession({ keys: ['the key of an old application'], until })];
      app = await ScriptApp.start({
        store: base,
        crypto: { secrets: [SECRET], accept },
        contexts: [{ path: '/run', cookie: { name: 'inner' }, store: memoryStore(), crypto: { accept: [] } }],
      });
      const client = app.client();
      await client.run(logIn);
      Object.assign(base, { load: down, create: down, destroySubject: down, scan: down });
      await expect(app.sessions[revoke]('ada')).rejects.toMatchObject(away);
      expect(await subjectOf(client)).toBeNull();
    },
  );

  it('revoke ends a session of one store though another one is down, and says that it is', async () => {
    const base = memoryStore();
    const contexts = [{ path: '/run', cookie: { name: 'inner' }, store: memoryStore() }];
    app = await ScriptApp.start({ store: base, contexts });
    const client = app.client();
    await client.run(logIn);
    const id = await idOf(client);
    Object.assign(base, { load: down, destroy: down });
    await expect(app.sessions.revoke(id)).rejects.toMatchObject(away);
    expect(await subjectOf(client)).toBeNull();
    expect(app.seen('signedOut')).toMatchObject([{ id, why: 'revoked' }]);
  });

  it('revokeSubject ends all sessions but one in a store though another one is down', async () => {
    const base = memoryStore();
    const contexts = [{ path: '/run', cookie: { name: 'inner' }, store: memoryStore() }];
    app = await ScriptApp.start({ store: base, contexts });
    const [kept, other] = [app.client(), app.client()];
    for (const client of [kept, other]) await client.run(logIn);
    const except = await idOf(kept);
    Object.assign(base, { load: down, destroySubject: down });
    await expect(app.sessions.revokeSubject('ada', { except })).rejects.toMatchObject(away);
    expect([await subjectOf(kept), await subjectOf(other)]).toEqual(['ada', null]);
  });

  it('revokeSubject tells of an end whose answer was lost for good, without a number', async () => {
    const store = memoryStore();
    app = await ScriptApp.start({ store });
    const client = app.client();
    await client.run(logIn);
    const destroySubject = store.destroySubject!.bind(store);
    store.destroySubject = async (...args) => {
      await destroySubject(...args);
      throw Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' });
    };
    await expect(app.sessions.revokeSubject('ada')).rejects.toMatchObject({ reason: 'ECONNRESET' });
    expect(await subjectOf(client)).toBeNull();
    expect(app.seen('signedOut')).toStrictEqual([
      { session: 'default', id: undefined, subject: 'ada', why: 'revoked' },
    ]);
  });

  it('revokeSubject ends nothing in a store that cannot say which session stays', async () => {
    const store = memoryStore();
    const load = store.load.bind(store);
    app = await ScriptApp.start({ store, session: { regenerateInterval: 10, graceTime: 3600 } });
    const client = app.client();
    await client.run(logIn);
    const except = await idOf(client);
    app.ahead = 20;
    await client.run(() => undefined); // renews the id
    Object.assign(store, { load: down });
    await expect(app.sessions.revokeSubject('ada', { except })).rejects.toMatchObject(away);
    Object.assign(store, { load });
    expect(await subjectOf(client)).toBe('ada');
  });

  it('revokeSubject ends the other sessions though that of the request cannot move now', async () => {
    const base = memoryStore();
    const contexts = [{ host: 'localhost', cookie: { name: 'inner' }, store: memoryStore() }];
    app = await ScriptApp.start({ store: base, contexts });
    const inner = { headers: { host: 'localhost' } };
    const [client, other] = [app.client(), app.client()];
    await client.run(logIn);
    await other.run(logIn, inner);
    await client.run(async (session) => {
      await session.regenerate();
      Object.assign(base, { move: down });
      await app.sessions.revokeSubject('ada', { except: session.id });
    });
    const answer = await other.run((session) => session.subject ?? null, inner);
    expect([await subjectOf(client), answer.body]).toEqual(['ada', { result: null }]);
  });

  it('seals anew what a context with its own audience has sealed', async () => {
    const secrets = [`hex:${'22'.repeat(32)}`, SECRET];
    const store = memoryStore();
    const contexts = [{ path: '/run', crypto: { audience: 'inner' } }];
    app = await ScriptApp.start({ store, contexts });
    await app.client().run((session) => session.set('n', 1));
    await app.close();
    app = await ScriptApp.start({ store, contexts, crypto: { secrets } });
    expect(await app.sessions.reseal()).toBe(1);
  });
});

it('a store that two contexts share and the base has not is opened and closed once', async () => {
  const store = memoryStore();
  const calls: string[] = [];
  const { open } = store;
  store.open = () => {
    calls.push('open');
    open.call(store);
  };
  Object.assign(store, { close: () => void calls.push('close') });
  await inContext({ store });
  const other = { path: '/other', cookie: { name: 'other' }, store };
  await app.close();
  calls.length = 0;
  app = await ScriptApp.start({ contexts: [{ path: '/run', cookie: { name: 'inner' }, store }, other] });
  await app.close();
  expect(calls).toEqual(['open', 'close']);
});

it('a session is loaded before the handler in a context that says so', async () => {
  const client = await inContext({ session: { load: 'eager' } });
  await client.run(() => undefined);
  expect(app.seen('rejected')).toEqual([]);
  client.jar.set('inner', 'garbage');
  await client.run(() => undefined);
  expect(app.seen('rejected')).toHaveLength(1);
});

it('a context without hosts in its list stops the start, and a wrong secret names its place', async () => {
  const start = ScriptApp.start({
    contexts: [{ host: [], cookie: { name: 'inner' }, crypto: { secrets: [''] } }],
  });
  await expect(start).rejects.toThrow(SessionConfigError);
  await expect(start).rejects.toMatchObject({
    faults: [{ path: 'contexts[0].host' }, { path: 'contexts[0].crypto.secrets[0]' }],
  });
});

it('a session of a context with its own audience is revoked by an id that it had before', async () => {
  const store = memoryStore();
  app = await ScriptApp.start({
    store,
    session: { regenerateInterval: 10, graceTime: 3600 },
    contexts: [{ path: '/run', crypto: { audience: 'inner' } }],
  });
  const client = app.client();
  const old = await client.result(async (session) => {
    await session.login('ada');
    return session.id;
  });
  app.ahead = 20;
  expect(await client.result((session) => session.get('n') ?? session.subject)).toBe('ada');
  expect(app.seen('regenerated').some(({ periodic }) => periodic)).toBe(true);
  await app.sessions.revoke(old as string);
  expect(await client.result((session) => session.subject ?? null)).toBeNull();
});
