import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionTooLargeError } from 'nestjs-session-crypto';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { type Script, ScriptApp } from '../support/script-app.js';
import { underWay } from './support/hold.js';
import { ALL_STORES, SERVER_STORES } from '../support/stores.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const combinations = (stores: typeof ALL_STORES) =>
  ADAPTER_NAMES.flatMap((adapter) => stores.map(([name, store]) => [adapter, name, store] as const));

describe.each(combinations(ALL_STORES))('a session on %s in the %s store', (adapter, _, store) => {
  it('keeps what was set, for the next request', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.set('cart', [{ id: 1, name: 'Ünïcode 🦊' }]));
    expect(await client.result((session) => session.get('cart'))).toEqual([{ id: 1, name: 'Ünïcode 🦊' }]);
  });

  it('is neither stored nor sets a cookie while it is empty', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const { cookies } = await app.client().run((session) => session.get('nothing'));
    expect(cookies).toEqual([]);
    expect(app.seen()).toEqual([]);
  });

  it('sets no cookie when it is only read', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 1));
    const { cookies } = await client.run((session) => session.get('n'));
    expect(cookies).toEqual([]);
  });

  it('stores nothing when a value is set that is there already', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', { a: [1] }));
    const { cookies } = await client.run((session) => session.set('n', { a: [1] }));
    expect(cookies).toEqual([]);
  });

  it('gives frozen values, so that a change in place is not lost silently', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.set('cart', { items: [1] }));
    const { status } = await client.run((session) =>
      (session.get('cart') as { items: number[] }).items.push(2),
    );
    expect(status).toBe(500);
  });

  it('does all that its methods say', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => {
      session.set('a', 1);
      session.set('b', 2);
      session.increment('a', 4);
      session.update('list', (list) => [...((list as number[] | undefined) ?? []), 7]);
      session.flash('note', 'hello');
      session.delete('b');
    });
    expect(await client.result((session) => [session.all(), session.has('b')])).toEqual([
      { a: 5, list: [7] },
      false,
    ]);
    expect(await client.result((session) => session.flash('note'))).toBe('hello');
    expect(await client.result((session) => session.flash('note') ?? null)).toBe(null);
    expect(await client.result((session) => session.pull('a'))).toBe(5);
    expect(await client.result((session) => session.has('a'))).toBe(false);
    await client.run((session) => session.clear());
    expect(await client.result((session) => session.all())).toEqual({});
  });

  it('gets another id at login and keeps its data', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    const before = await client.result((session) => {
      session.set('cart', [1]);
      return session.id;
    });
    const old = client.copy();
    const during = await client.result(async (session) => {
      await session.login('ada');
      return session.id;
    });
    expect(during).not.toBe(before);
    expect(await client.result((session) => [session.subject, session.get('cart'), session.id])).toEqual([
      'ada',
      [1],
      during,
    ]);
    expect(client.cookie).not.toBe(old.cookie);
  });

  it('drops the data of another subject at login', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run(async (session) => {
      await session.login('ada');
      session.set('secret', 1);
    });
    await client.run((session) => session.login('bob'));
    expect(await client.result((session) => [session.subject, session.all()])).toEqual(['bob', {}]);
  });

  it('keeps what is named, and only that, when it is regenerated', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => {
      session.set('a', 1);
      session.set('b', 2);
    });
    await client.run((session) => session.regenerate({ keep: ['a'] }));
    expect(await client.result((session) => session.all())).toEqual({ a: 1 });
  });

  it('is gone after logout, and the browser forgets the cookie', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const { cookies } = await client.run((session) => session.logout());
    expect(cookies).toHaveLength(1);
    expect(client.jar.size).toBe(0);
    expect(await client.result((session) => session.subject ?? null)).toBe(null);
  });

  it('begins anew with what is set after logout', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const { cookies } = await client.run(async (session) => {
      await session.logout();
      session.flash('note', 'bye');
    });
    expect(cookies).toHaveLength(1);
    expect(await client.result((session) => [session.subject ?? null, session.flash('note')])).toEqual([
      null,
      'bye',
    ]);
  });

  it('cannot be used by the request that destroyed it', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const { status } = await client.run(async (session) => {
      await session.destroy();
      session.set('n', 1);
    });
    expect(status).toBe(500);
    expect(await client.result((session) => session.isNew)).toBe(true);
  });

  it('ends when it has idled, and lives on when it is used', async () => {
    const app = await ScriptApp.start(
      { store: store(database), session: { idleTimeout: 1440, touchInterval: 60 } },
      adapter,
    );
    const client = app.client();
    await client.run((session) => session.login('ada'));
    for (const ahead of [1000, 2000, 3000]) {
      app.ahead = ahead;
      expect(await client.result((session) => session.subject)).toBe('ada');
    }
    app.ahead = 3000 + 1441;
    expect(await client.result((session) => session.subject ?? null)).toBe(null);
  });

  it('ends at its absolute deadline however it is used, and login moves that', async () => {
    const app = await ScriptApp.start(
      { store: store(database), session: { idleTimeout: 1440, absoluteTimeout: 3600, touchInterval: 60 } },
      adapter,
    );
    const client = app.client();
    await client.run((session) => session.login('ada'));
    app.ahead = 1400;
    await client.run((session) => session.set('n', 1));
    app.ahead = 2700;
    await client.run((session) => session.login('ada'));
    app.ahead = 4000;
    expect(await client.result((session) => session.subject)).toBe('ada');
    app.ahead = 5300;
    expect(await client.result((session) => session.subject)).toBe('ada');
    app.ahead = 6301;
    expect(await client.result((session) => session.subject ?? null)).toBe(null);
  });

  it('is no session when the cookie is not ours, and the cookie is cleared', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    client.jar.set('sid', 'gRhOQu0AAAA');
    const { body, cookies } = await client.run((session) => session.isNew);
    expect(body).toEqual({ result: true });
    expect(cookies[0]).toMatch(/^sid=; Max-Age=0/);
    expect(app.seen('rejected')).toHaveLength(1);
  });

  it('refuses to store what JSON would change, naming the path', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const message = await app.client().result((session) => {
      try {
        session.set('user', { born: [new Date(0)] } as never);
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(message).toMatch(/^user\.born\[0\] is a Date/);
  });
});

describe.each(combinations(ALL_STORES))(
  'a session that is too large, on %s in the %s store',
  (adapter, _, store) => {
    it('is refused with the bytes of each key before anything is sent, and can be made smaller', async () => {
      const app = await ScriptApp.start({ store: store(database), session: { payloadLimit: 9000 } }, adapter);
      const client = app.client();
      const sizes = await client.result(async (session) => {
        session.set('small', 1);
        session.set('large', 'x'.repeat(10_000));
        const error = await session.save().catch((thrown: unknown) => thrown as SessionTooLargeError);
        session.delete('large');
        return (error as SessionTooLargeError).bytesByKey;
      });
      expect(sizes).toEqual({ large: 10_010, small: 9 });
      expect(await client.result((session) => session.all())).toEqual({ small: 1 });
      const { status, body, cookies } = await client.run((session) =>
        session.set('large', 'x'.repeat(10_000)),
      );
      expect([status, body, cookies]).toEqual([
        500,
        { statusCode: 500, message: 'Internal Server Error' },
        [],
      ]);
    });
  },
);

describe.each(combinations(SERVER_STORES))('a stored session on %s in the %s store', (adapter, _, store) => {
  it('is not revived by a request that still runs when another one logs out', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const slow = client.copy();
    const late = await underWay(slow, (session) => session.set('late', true));
    await client.run((session) => session.logout());
    const { cookies, status } = await late.finish();
    expect(cookies).toEqual([]);
    expect(status).toBe(201);
    expect(app.seen('dropped')).toEqual([{ session: 'default', why: 'gone' }]);
    expect(await slow.result((session) => session.subject ?? null)).toBe(null);
  });

  it('does not overwrite the cookie of a login that happened meanwhile', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.set('cart', [1]));
    const late = await underWay(client.copy(), (session) => session.set('late', true));
    await client.run((session) => session.login('ada'));
    const { cookies } = await late.finish();
    expect(cookies).toEqual([]);
    expect(await client.result((session) => [session.subject, session.has('late')])).toEqual(['ada', false]);
  });

  it('is anonymous, writes nothing and sets no cookie for whoever brings an id that was ended', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.set('cart', [1]));
    const old = client.copy();
    await client.run((session) => session.login('ada'));
    const { cookies, body } = await old.run((session) => {
      session.set('x', 1);
      return session.subject ?? null;
    });
    expect([cookies, body]).toEqual([[], { result: null }]);
    expect(app.seen('dropped')).toEqual([{ session: 'default', why: 'ended' }]);
  });

  it('lets somebody log in who brings an id that was ended', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    await app.sessions.revokeSubject('ada');
    await client.run((session) => session.login('ada'));
    expect(await client.result((session) => session.subject)).toBe('ada');
  });

  it('answers 409 for changes of an ended session where that is asked for', async () => {
    const app = await ScriptApp.start({ store: store(database), session: { onGone: 'fail' } }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const late = await underWay(client.copy(), (session) => session.set('late', true));
    await client.run((session) => session.logout());
    const { status } = await late.finish();
    expect(status).toBe(409);
  });

  it('rejects save() when the session ended meanwhile', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const code = await client.copy().result(async (session) => {
      await app.sessions.revokeSubject('ada');
      session.set('late', true);
      return session.save().catch((error: { code: string }) => error.code);
    });
    expect(code).toBe('ERR_SESSION_GONE');
  });

  it('gets a new id when it is due, to which the old one leads for the grace time', async () => {
    const app = await ScriptApp.start(
      { store: store(database), session: { regenerateInterval: 900, graceTime: 60 } },
      adapter,
    );
    const client = app.client();
    await client.run(async (session) => {
      await session.login('ada');
      session.set('n', 1);
    });
    const lost = client.copy();
    const before = client.cookie;
    app.ahead = 901;
    await client.run((session) => session.get('n'));
    expect(client.cookie).not.toBe(before);
    app.ahead = 950;
    const { cookies } = await lost.run((session) => session.set('m', 2));
    expect(cookies).toHaveLength(1);
    expect(await client.result((session) => session.all())).toEqual({ n: 1, m: 2 });
    expect(lost.cookie).toBe(client.cookie);
  });

  it('raises the alarm when an old id is used after the grace time', async () => {
    const app = await ScriptApp.start(
      { store: store(database), session: { regenerateInterval: 900, graceTime: 60 } },
      adapter,
    );
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const stolen = client.copy();
    app.ahead = 901;
    await client.run((session) => session.get('n'));
    app.ahead = 962;
    expect(await stolen.result((session) => session.subject ?? null)).toBe(null);
    expect(app.seen('reused')).toEqual([{ session: 'default', subject: 'ada' }]);
    expect(await client.result((session) => session.subject)).toBe('ada');
  });

  it('ends all sessions of the subject at that alarm where that is asked for', async () => {
    const app = await ScriptApp.start(
      { store: store(database), session: { regenerateInterval: 900, graceTime: 60, onReuse: 'end' } },
      adapter,
    );
    const [client, other] = [app.client(), app.client()];
    for (const one of [client, other]) await one.run((session) => session.login('eve'));
    const stolen = client.copy();
    app.ahead = 901;
    await client.run((session) => session.get('n'));
    app.ahead = 962;
    await stolen.run((session) => session.get('n'));
    for (const one of [client, other])
      expect(await one.result((session) => session.subject ?? null)).toBe(null);
  });

  it('regenerates once when twenty requests find it due', async () => {
    const app = await ScriptApp.start(
      { store: store(database), session: { regenerateInterval: 900 } },
      adapter,
    );
    const client = app.client();
    await client.run((session) => session.login('ada'));
    app.ahead = 901;
    const twins = Array.from({ length: 20 }, () => client.copy());
    await Promise.all(twins.map((twin, i) => twin.run((session) => session.set(`k${i}`, i))));
    expect(app.seen('regenerated').filter(({ periodic }) => periodic)).toHaveLength(1);
    expect(Object.keys((await twins[0]!.result((session) => session.all())) as object)).toHaveLength(20);
    expect(new Set(twins.map((twin) => twin.cookie)).size).toBe(1);
  });

  it('is ended by logout also when it was regenerated meanwhile', async () => {
    const app = await ScriptApp.start(
      { store: store(database), session: { regenerateInterval: 900 } },
      adapter,
    );
    const client = app.client();
    await client.run((session) => session.login('ada'));
    app.ahead = 890;
    const other = client.copy();
    const late = await underWay(client.copy(), (session) => session.logout());
    app.ahead = 901;
    await other.run((session) => session.get('n'));
    await late.finish();
    expect(await other.result((session) => session.subject ?? null)).toBe(null);
  });

  it('is ended by logout also when another request regenerated it meanwhile', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const other = client.copy();
    const late = await underWay(client.copy(), (session) => session.logout());
    await other.run((session) => session.regenerate());
    await late.finish();
    expect(await other.result((session) => session.subject ?? null)).toBe(null);
  });

  it('is left alone by a logout of who was there before, when somebody logged in meanwhile', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const other = client.copy();
    const late = await underWay(client.copy(), (session) => session.logout());
    await other.run((session) => session.login('eve'));
    await late.finish();
    expect(await other.result((session) => session.subject ?? null)).toBe('eve');
  });

  it('does not lead its old id on after regenerate', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.login('ada'));
    const old = client.copy();
    await client.run((session) => session.regenerate());
    expect(await old.result((session) => session.subject ?? null)).toBe(null);
    expect(await client.result((session) => session.subject ?? null)).toBe('ada');
  });

  it('loses nothing when twenty requests each add a key', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 0));
    const all = Array.from({ length: 20 }, (_, i) => client.copy().run((session) => session.set(`k${i}`, i)));
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(Object.keys((await client.result((session) => session.all())) as object)).toHaveLength(21);
  });

  it('counts to twenty when twenty requests increment', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 0));
    const committed = await Promise.all(
      Array.from({ length: 20 }, () =>
        client.copy().result((session) => session.increment('n', 1, { commit: true })),
      ),
    );
    expect(Math.max(...(committed as number[]))).toBe(20);
    expect(await client.result((session) => session.get('n'))).toBe(20);
  });

  it('lets the later of two overwriting requests win, with an event', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 0));
    const late = await underWay(client.copy(), (session) => session.set('n', 2));
    await client.run((session) => session.set('n', 1));
    await late.finish();
    expect(await client.result((session) => session.get('n'))).toBe(2);
    expect(app.seen('conflict')).toMatchObject([{ keys: ['n'], refused: false }]);
  });

  it('refuses the later of two overwriting requests where that is asked for', async () => {
    const app = await ScriptApp.start({ store: store(database), session: { onConflict: 'reject' } }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 0));
    const late = await underWay(client.copy(), (session) => session.set('n', 2));
    await client.run((session) => session.set('n', 1));
    const { status } = await late.finish();
    expect(status).toBe(409);
    expect(await client.result((session) => session.get('n'))).toBe(1);
  });

  it('can be listed, revoked, and revoked for all but one', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const subject = `user-${Math.random()}`;
    const clients = [app.client(), app.client(), app.client()];
    const ids = [];
    for (const client of clients)
      ids.push(
        await client.result(async (session) => {
          await session.login(subject);
          return session.id;
        }),
      );
    expect((await app.sessions.list(subject)).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    await app.sessions.revoke(ids[1] as string);
    expect(await clients[1]!.result((session) => session.subject ?? null)).toBe(null);
    expect(await app.sessions.revokeSubject(subject, { except: ids[0] as string })).toBe(1);
    expect(await clients[0]!.result((session) => session.subject)).toBe(subject);
    expect(await clients[2]!.result((session) => session.subject ?? null)).toBe(null);
  });

  it('is changed after the head only where save() follows', async () => {
    const app = await ScriptApp.start({ store: store(database) }, adapter);
    const client = app.client();
    await client.run((session) => session.set('n', 0));
    let kept!: Parameters<Script>[0];
    await client.copy().run((session) => void (kept = session));
    kept.set('late', true);
    await kept.save();
    expect(await client.result((session) => session.get('late'))).toBe(true);
    expect(app.seen('lostChange')).toEqual([]);
  });
});
