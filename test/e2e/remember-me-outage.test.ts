import { describe, expect, it, vi } from 'vitest';
import { memoryStore, SessionStoreError, type SessionStore } from 'nestjs-session-crypto';
import {
  ADAPTER_NAMES,
  logInAndRemember,
  rememberApps,
  rememberLines,
  subjectOf,
} from './support/remember-app.js';
import { RememberMeModule } from '../../lib/remember-me/index.js';
import { startWaiting } from '../support/late-start.js';

const { start } = rememberApps();

describe.each(ADAPTER_NAMES)('a store of series that is down on %s', (adapter) => {
  it('leaves visitors anonymous, and logs them in once it is back', async () => {
    const store = memoryStore();
    const app = await start(adapter, { remember: { store } });
    const client = await app.returning();
    const down = () => Promise.reject(Object.assign(new Error('secret detail'), { code: 'ECONNREFUSED' }));
    for (const method of ['load', 'replace'] as const) {
      const broken = vi.spyOn(store as SessionStore, method).mockImplementation(down);
      for (let i = 0; i < 3; i++) {
        const answer = await client.copy().get('/who');
        expect([answer.status, answer.body, rememberLines(answer)]).toEqual([200, { subject: null }, []]);
      }
      broken.mockRestore();
    }
    expect(await subjectOf(client)).toBe('ada');
    expect(app.seen('storeDown')[0]).toMatchObject({ code: 'ECONNREFUSED', store: 'remember-me' });
    expect(app.seen('rememberTheft')).toEqual([]);
  });

  it('makes remember and forget fail with 503', async () => {
    const store = memoryStore();
    const app = await start(adapter, { remember: { store } });
    const client = await app.remembered();
    const down = () => Promise.reject(new SessionStoreError('create', 'ECONNREFUSED'));
    vi.spyOn(store as SessionStore, 'create').mockImplementation(down);
    vi.spyOn(store as SessionStore, 'destroy').mockImplementation(down);
    const logIn = await app.run(app.client(), logInAndRemember());
    const logOut = await app.run(client, (_session, rememberMe) => rememberMe.forget());
    expect([logIn.status, logOut.status]).toEqual([503, 503]);
    expect([rememberLines(logIn), rememberLines(logOut)]).toEqual([[], [expect.stringMatching(/Max-Age=0/)]]);
  });
});

describe.each(ADAPTER_NAMES)('a store of sessions that fails once on %s', (adapter) => {
  it('spares one session that a forgotten browser has begun, and no other', async () => {
    const store = memoryStore();
    const app = await start(adapter, { session: { store }, remember: { store: memoryStore() } });
    const client = await app.returning();
    const twins = [client.copy(), client.copy(), client.copy()];
    for (const twin of twins) expect(await subjectOf(twin)).toBe('ada');
    const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    vi.spyOn(store, 'destroy').mockRejectedValueOnce(away);
    expect((await client.send('POST', '/forget')).status).toBe(503);
    const subjects = [];
    for (const twin of twins) subjects.push(await subjectOf(twin));
    expect(subjects.filter((one) => one === 'ada')).toHaveLength(1);
  });
});

describe('a start without the store of series', () => {
  const away = () => Object.assign(new Error('away'), { code: 'ECONNREFUSED' });

  it('waits as the start of the session store does, and says for what', async () => {
    const store: SessionStore = memoryStore();
    let attempts = 0;
    store.open = () => {
      if (++attempts < 3) throw away();
    };
    const app = startWaiting({ store: memoryStore() }, [RememberMeModule.forRoot({ store })]);
    await app.started;
    expect(app.lines).toEqual([
      'The start waits for the store of remember-me: nobody listens at its address (ECONNREFUSED)',
    ]);
  });

  it('waits no longer when the application is closed', async () => {
    const store: SessionStore = memoryStore();
    store.open = () => Promise.reject(away());
    const app = startWaiting({ store: memoryStore() }, [RememberMeModule.forRoot({ store })]);
    await app.waits;
    const started = expect(app.started).rejects.toMatchObject({ reason: 'closed' });
    await app.close();
    await started;
  });
});
