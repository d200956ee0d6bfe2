import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { cookieStore, memoryStore, type Session, type SessionStateError } from 'nestjs-session-crypto';
import { ScriptApp } from '../support/script-app.js';
import { holdNext, underWay } from './support/hold.js';

const outcomeOf = (session: Session<Record<string, unknown>>) =>
  session.save().then(
    () => 'saved',
    (error: unknown) => (error as SessionStateError).code,
  );

describe('a request that began before its session was regenerated', () => {
  it('saves into the successor after the grace time, and is no thief', async () => {
    const app = await ScriptApp.start({ store: memoryStore(), session: { onReuse: 'end' } });
    const client = app.client();
    await client.run((session) => session.login('ada'));
    app.ahead = 890;
    const report = await underWay(client.copy(), (session) => session.set('report', 'done'));
    app.ahead = 905;
    await client.run((session) => session.get('report'));
    app.ahead = 980;
    expect((await report.finish()).status).toBe(201);
    expect(app.seen('regenerated')).toHaveLength(1);
    expect(app.seen('reused')).toEqual([]);
    expect(await client.result((session) => [session.subject, session.get('report')])).toEqual([
      'ada',
      'done',
    ]);
  });

  it('logs out the session of today, seven regenerations later', async () => {
    const app = await ScriptApp.start({
      store: memoryStore(),
      session: { regenerateInterval: 10, touchInterval: 5 },
    });
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const leaving = await underWay(client.copy(), (session) => session.logout());
    for (let turn = 1; turn <= 7; turn++) {
      app.ahead = turn * 11;
      await client.run((session) => session.subject);
    }
    await leaving.finish();
    expect(app.seen('regenerated')).toHaveLength(7);
    expect(await client.result((session) => session.subject ?? null)).toBe(null);
  });

  it('gets the new cookie again when its save is joined to one that needs none', async () => {
    const store = memoryStore();
    const app = await ScriptApp.start({ store });
    const client = app.client();
    await client.run((session) => session.set('n', 0));
    const old = client.copy();
    app.ahead = 901;
    await client.run((session) => session.get('n'));
    const replace = holdNext(store, 'replace');
    const first = client.run((session) => session.set('a', 1));
    await replace.begun;
    const second = await old.run(async (session) => {
      session.set('b', 1);
      const saved = session.save();
      await setImmediate();
      replace.release();
      await saved;
    });
    expect((await first).cookies).toEqual([]);
    expect(second.cookies).toHaveLength(1);
    expect(old.cookie).toBe(client.cookie);
  });
});

describe('a request that another one overtook', () => {
  it('is refused at the periodic regeneration too, where conflicts are', async () => {
    const app = await ScriptApp.start({ store: memoryStore(), session: { onConflict: 'reject' } });
    const client = app.client();
    await client.run((session) => session.set('k', 0));
    app.ahead = 901;
    const second = await underWay(client.copy(), (session) => session.set('k', 'second'));
    await client.run((session) => session.set('k', 'first'));
    expect((await second.finish()).status).toBe(409);
    expect(app.seen('conflict')).toMatchObject([{ keys: ['k'], refused: true }]);
    expect(await client.result((session) => session.get('k'))).toBe('first');
  });

  it('is told the truth when it sets again what was refused', async () => {
    const app = await ScriptApp.start({ store: memoryStore(), session: { onConflict: 'reject' } });
    const client = app.client();
    await client.run((session) => session.set('k', 0));
    const mine = await underWay(client.copy(), async (session) => {
      session.set('k', 'mine');
      const once = await outcomeOf(session);
      session.set('k', 'mine');
      return [once, await outcomeOf(session)];
    });
    await client.run((session) => session.set('k', 'theirs'));
    expect((await mine.finish()).body).toEqual({ result: ['ERR_SESSION_CONFLICT', 'ERR_SESSION_CONFLICT'] });
    expect(await client.result((session) => session.get('k'))).toBe('theirs');
  });

  it('is told the truth when it sets again what was dropped by a logout', async () => {
    const app = await ScriptApp.start({ store: memoryStore() });
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const late = await underWay(client.copy(), async (session) => {
      session.set('k', 'mine');
      const once = await outcomeOf(session);
      session.set('k', 'mine');
      return [once, await outcomeOf(session), session.subject ?? null];
    });
    await client.run((session) => session.logout());
    expect((await late.finish()).body).toEqual({ result: ['ERR_SESSION_GONE', 'ERR_SESSION_GONE', null] });
  });
});

describe('the id of a request that changes it', () => {
  it('is the one to except when all other sessions are revoked', async () => {
    const app = await ScriptApp.start({ store: memoryStore() });
    const [here, there] = [app.client(), app.client()];
    for (const client of [here, there]) await client.run((session) => session.login('ada'));
    const revoked = await here.result(async (session) => {
      await session.regenerate();
      return app.sessions.revokeSubject('ada', { except: session.id });
    });
    expect(revoked).toBe(1);
    const subjects = [here, there].map((client) => client.result((session) => session.subject ?? null));
    expect(await Promise.all(subjects)).toEqual(['ada', null]);
  });

  it('is the id of the next request, in the cookie store too', async () => {
    const app = await ScriptApp.start({ store: cookieStore() });
    const client = app.client();
    const [before, during] = (await client.result(async (session) => {
      const first = session.id;
      await session.login('ada');
      return [first, session.id];
    })) as string[];
    expect(during).not.toBe(before);
    expect(await client.result((session) => session.id)).toBe(during);
  });
});
