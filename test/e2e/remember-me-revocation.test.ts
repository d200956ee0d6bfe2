import { describe, expect, it, vi } from 'vitest';
import { cookieStore, memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { useFolders } from '../unit/php/sealed/stores.js';
import { rememberPlaces } from './support/remember-places.js';
import { ADAPTER_NAMES, rememberLines, subjectOf } from './support/remember-app.js';

const { start, everywhere } = rememberPlaces();
const newFolder = useFolders();

describe.each(everywhere)('a remembered browser on $adapter, series in $place', ({ adapter, setup }) => {
  it('is anonymous after logout and forget', async () => {
    const app = await start(adapter, setup());
    const client = await app.remembered();
    const copy = client.copy();
    const answer = await app.run(client, async (session, rememberMe) => {
      await session.logout();
      await rememberMe.forget();
    });
    expect(rememberLines(answer)).toEqual([expect.stringMatching(/^remember=; Max-Age=0/)]);
    copy.jar.delete('sid');
    expect([await subjectOf(client), await subjectOf(copy)]).toEqual([null, null]);
    expect(await app.rememberMe.list('ada')).toEqual([]);
  });

  it('is forgotten also where the session is not loaded', async () => {
    const app = await start(adapter, setup());
    const client = await app.returning();
    expect(rememberLines(await client.send('POST', '/forget'))).toEqual([expect.stringMatching(/Max-Age=0/)]);
    expect(await app.rememberMe.list('ada')).toEqual([]);
    expect((await client.send('POST', '/forget')).cookies).toEqual([]);
  });

  it('is anonymous after a revocation of its series or of all series of its subject', async () => {
    const app = await start(adapter, setup());
    const [one, two, other] = [await app.returning(), await app.returning(), await app.returning('eve')];
    const [first] = await app.rememberMe.list('ada');
    await app.rememberMe.revoke(first!.id, { subject: 'eve' });
    expect(await app.rememberMe.list('ada')).toHaveLength(2);
    await app.rememberMe.revoke(first!.id, { subject: 'ada' });
    expect(await app.rememberMe.list('ada')).toHaveLength(1);
    expect(await app.rememberMe.revokeSubject('ada')).toBe(1);
    const subjects = [await subjectOf(one), await subjectOf(two), await subjectOf(other)];
    expect(subjects).toEqual([null, null, 'eve']);
  });

  it('is anonymous after its lifetime, which a use prolongs only with rolling: true', async () => {
    const short = { cookie: { lifetime: 7200 } };
    for (const [rolling, subject] of [
      [false, null],
      [true, 'ada'],
    ] as const) {
      const app = await start(adapter, setup({ ...short, rolling }));
      const client = await app.returning();
      app.ahead = 7000;
      expect(await subjectOf(client)).toBe('ada');
      client.jar.delete('sid');
      app.ahead = 7300;
      expect(await subjectOf(client)).toBe(subject);
      expect(app.seen('rememberRejected')).toMatchObject(rolling ? [] : [{ reason: 'expired' }]);
    }
  });

  it('is anonymous once the sessions of its subject are revoked, also the browser whose session stays', async () => {
    const app = await start(adapter, setup());
    const [here, away, other] = [await app.remembered(), await app.returning(), await app.returning('eve')];
    const { body } = await app.run(here, (session) =>
      app.sessions.revokeSubject(session.subject!, { except: session.id }),
    );
    expect(body).toEqual({ result: 1 });
    expect([await subjectOf(here), await subjectOf(away), await subjectOf(other)]).toEqual([
      'ada',
      null,
      'eve',
    ]);
    here.jar.delete('sid');
    expect(await subjectOf(here)).toBeNull();
    expect(await app.rememberMe.list('ada')).toEqual([]);
  });

  it('stays remembered where its session stays, if the handler remembers it anew', async () => {
    const app = await start(adapter, setup());
    const [here, away] = [await app.remembered(), await app.returning()];
    await app.run(here, async (session, rememberMe) => {
      await app.sessions.revokeSubject(session.subject!, { except: session.id });
      await rememberMe.remember();
    });
    here.jar.delete('sid');
    expect([await subjectOf(here), await subjectOf(away)]).toEqual(['ada', null]);
  });

  it('is anonymous once the sessions of everybody are revoked', async () => {
    const app = await start(adapter, setup());
    const [one, other] = [await app.remembered(), await app.returning('eve')];
    expect(await app.sessions.revokeAll()).toBe(2);
    expect([await subjectOf(one), await subjectOf(other)]).toEqual([null, null]);
    expect([await app.rememberMe.list('ada'), await app.rememberMe.list('eve')]).toEqual([[], []]);
  });

  it('stays when all others of its subject are revoked', async () => {
    const app = await start(adapter, setup());
    const [client, other] = [await app.remembered(), await app.returning()];
    const { body } = await app.run(client, async (session, rememberMe) => {
      const except = await rememberMe.current();
      const ended = await rememberMe.revokeSubject(session.subject!, { except });
      return [ended, (await rememberMe.list(session.subject!)).map(({ id }) => id === except)];
    });
    expect(body).toEqual({ result: [1, [true]] });
    client.jar.delete('sid');
    expect([await subjectOf(client), await subjectOf(other)]).toEqual(['ada', null]);
    expect((await app.run(app.client(), (_session, rememberMe) => rememberMe.current())).body).toEqual({});
  });
});

describe.each(ADAPTER_NAMES)('a revocation on %s', (adapter) => {
  it('ends a session that the series begins at the same moment', async () => {
    const store = memoryStore();
    const app = await start(adapter, { remember: { store } });
    const client = await app.returning();
    const replace = store.replace.bind(store);
    vi.spyOn(store, 'replace').mockImplementation(async (...args) => {
      await app.rememberMe.revokeSubject('ada');
      return replace(...args);
    });
    await app.sessions.revokeSubject('ada');
    expect(await subjectOf(client)).toBeNull();
    expect(await app.sessions.list('ada')).toEqual([]);
  });
});

describe('a revocation of a subject', () => {
  const down = () => Promise.reject(Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED' }));

  it('ends the sessions also while the store of the series is down, and rejects', async () => {
    const store = memoryStore();
    const app = await start('express', { remember: { store } });
    await app.remembered();
    vi.spyOn(store, 'destroySubject').mockImplementation(down);
    await expect(app.sessions.revokeSubject('ada')).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' });
    expect([await app.sessions.list('ada'), await app.rememberMe.list('ada')]).toMatchObject([[], [{}]]);
  });

  it('ends the series also while the store of the sessions is down, and rejects', async () => {
    const store = memoryStore();
    const app = await start('express', { session: { store }, remember: { store: memoryStore() } });
    await app.remembered();
    vi.spyOn(store, 'destroySubject').mockImplementation(down);
    await expect(app.sessions.revokeSubject('ada')).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' });
    expect([await app.sessions.list('ada'), await app.rememberMe.list('ada')]).toMatchObject([[{}], []]);
  });

  it('ends the series where no store can end the sessions, and rejects', async () => {
    const app = await start('express', {
      session: { store: cookieStore() },
      remember: { store: memoryStore() },
    });
    await app.remembered();
    const refused = { code: 'ERR_SESSION_UNSUPPORTED' };
    await expect(app.sessions.revokeSubject('ada')).rejects.toMatchObject(refused);
    expect(await app.rememberMe.list('ada')).toEqual([]);
  });
});

describe('a revocation of everybody', () => {
  it('ends the sessions also while the store of the series is down, and rejects', async () => {
    const store = memoryStore();
    const app = await start('express', { remember: { store } });
    await app.remembered();
    vi.spyOn(store, 'scan').mockRejectedValue(Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED' }));
    await expect(app.sessions.revokeAll()).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' });
    expect(await app.sessions.list('ada')).toEqual([]);
  });

  it('ends nothing where it would spare the series', async () => {
    const store = Object.assign(memoryStore(), { scan: undefined, scanAll: undefined });
    const app = await start('express', { remember: { store: store as never } });
    const client = await app.remembered();
    await expect(app.sessions.revokeAll()).rejects.toThrow(/remember-me cannot end all series/);
    expect(await subjectOf(client)).toBe('ada');
  });
});

describe.each<[string, () => Promise<SessionCryptoOptions['store']>]>([
  ['the cookie', async () => cookieStore()],
  [
    'files that PHP shares',
    async () => fileStore({ path: await newFolder(), sharedUnsealed: { serializer: 'php' } }),
  ],
])('with sessions in %s, whose store cannot end them by their key', (_, store) => {
  it('forget() succeeds after parallel automatic logins', async () => {
    const app = await start('express', {
      session: { store: await store() },
      remember: { store: memoryStore() },
    });
    const client = await app.remembered();
    client.jar.delete('sid');
    client.jar.delete('PHPSESSID');
    const twins = [client.copy(), client.copy()];
    for (const twin of twins) expect(await subjectOf(twin)).toBe('ada');
    expect((await app.run(client, (_session, rememberMe) => rememberMe.forget())).status).toBe(201);
  });
});
