import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cookieStore,
  memoryRevocation,
  memoryStore,
  storeRevocation,
  type RevocationOptions,
  type RevocationSource,
} from 'nestjs-session-crypto';
import { sqlRevocation } from 'nestjs-session-crypto/typeorm';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp, type Client, type Script } from '../support/script-app.js';
import type { SessionPlan } from '../support/test-app.js';
import { underWay } from './support/hold.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** Makes the sources of several processes that share their rows. */
const SOURCES: readonly [string, () => (options?: RevocationOptions) => RevocationSource][] = [
  [
    'memory',
    () => {
      const store = memoryStore();
      return (options) => storeRevocation(store, options);
    },
  ],
  ['postgres', () => (options) => sqlRevocation({ ...options, ...placeOf(database) })],
];

const placeOf = ({ dataSource, table }: TestDatabase) => ({ dataSource, table });

/** Seconds after which another process knows what happened. */
const LATEST = 30;

const logIn =
  (subject: string): Script =>
  (session) =>
    session.login(subject);
const subjectOf = (client: Client) => client.result((session) => session.subject ?? null);
const valuesOf = (client: Client) => client.result((session) => session.all());

const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  SOURCES.map(([name, source]) => [adapter, name, source] as const),
);

describe.each(combinations)('sessions in cookies on %s with revocations in %s', (adapter, _, share) => {
  const start = async (options?: RevocationOptions, session?: SessionPlan) => {
    const source = share();
    const one = () =>
      ScriptApp.start({ store: cookieStore({ revocation: source(options) }), ...session }, adapter);
    return { here: await one(), there: await one() };
  };

  it('end for good by logout: at once in the process that saw it, within 30 s in the other', async () => {
    const { here, there } = await start();
    const client = here.client();
    await client.run(logIn('ada'));
    const [copy, far] = [client.copy(), client.copy(there.url)];
    expect(await Promise.all([subjectOf(copy), subjectOf(far)])).toEqual(['ada', 'ada']);
    await client.run((session) => session.logout());
    expect(await subjectOf(copy)).toBe(null);
    there.ahead = LATEST;
    expect(await subjectOf(far)).toBe(null);
    expect(await subjectOf(client)).toBe(null);
  });

  it('end by destroy() too', async () => {
    const { here } = await start();
    const client = here.client();
    await client.run(logIn('ada'));
    const copy = client.copy();
    await client.run((session) => session.destroy());
    expect(await subjectOf(copy)).toBe(null);
  });

  it('do not come back by a request that was under way at the logout', async () => {
    const { here } = await start();
    const client = here.client();
    await client.run(logIn('ada'));
    const late = client.copy();
    const poll = await underWay(late, (session) => session.set('seen', 1));
    await client.run((session) => session.logout());
    const answer = await poll.finish();
    expect([answer.status, answer.cookies]).toEqual([201, []]);
    expect(here.seen('dropped')).toEqual([{ session: 'default', why: 'gone' }]);
    expect(await subjectOf(late)).toBe(null);
  });

  it.each<[string, Script]>([
    ['change', (session) => session.set('seen', 1)],
    ['regenerate()', (session) => session.regenerate()],
  ])('do not come back by a %s in a process that does not know of the end yet', async (_, late) => {
    const { here, there } = await start();
    for (const end of [
      (client: Client) => client.run((session) => session.logout()),
      () => here.sessions.revokeSubject('ada'),
    ]) {
      const client = here.client();
      await client.run(logIn('ada'));
      const far = client.copy(there.url);
      expect(await subjectOf(far)).toBe('ada');
      await end(client);
      expect((await far.run(late)).cookies.filter((line) => !line.includes('Max-Age=0'))).toEqual([]);
      there.ahead += LATEST;
      here.ahead += LATEST;
      expect(await subjectOf(far)).toBe(null);
    }
  });

  it.each<[string, Script]>([
    ['regenerate()', (session) => session.regenerate()],
    ['another login', logIn('ada')],
  ])('end by a logout that met %s', async (_, move) => {
    const { here } = await start();
    const client = here.client();
    await client.run(logIn('ada'));
    const late = await underWay(client.copy(), (session) => session.logout());
    await client.run(move);
    expect(await subjectOf(client)).toBe('ada');
    await late.finish();
    expect(await subjectOf(client)).toBe(null);
    expect(here.seen('signedOut')).toHaveLength(1);
  });

  it('leave the id before a login, and a login that was sent twice keeps the cart', async () => {
    const { here } = await start();
    const client = here.client();
    await client.run((session) => session.set('cart', ['tea']));
    const [before, second] = [client.copy(), client.copy()];
    const late = await underWay(second, logIn('ada'));
    await client.run(logIn('ada'));
    expect(await valuesOf(before)).toEqual({});
    await late.finish();
    const third = before.copy();
    await third.run(logIn('ada'));
    for (const one of [client, second, third])
      expect([await subjectOf(one), await valuesOf(one)]).toEqual(['ada', { cart: ['tea'] }]);
  });

  it('carry nothing over to another subject, nor after a logout', async () => {
    const { here } = await start();
    const client = here.client();
    await client.run((session) => session.set('cart', ['tea']));
    const before = client.copy();
    await client.run(logIn('ada'));
    await before.run(logIn('eve'));
    expect([await subjectOf(before), await valuesOf(before)]).toEqual(['eve', {}]);
    await client.run((session) => session.set('mine', 1));
    const copy = client.copy();
    await client.run((session) => session.logout());
    await copy.run(logIn('ada'));
    expect(await valuesOf(copy)).toEqual({});
  });

  it('let a visitor begin anew once no request from before can be under way', async () => {
    const { here } = await start();
    const client = here.client();
    await client.run(logIn('linus'));
    await here.sessions.revokeSubject('linus');
    await client.run((session) => session.set('cart', [1]));
    expect(await valuesOf(client)).toEqual({});
    here.ahead = 61;
    await client.run((session) => session.set('cart', [1]));
    expect([await subjectOf(client), await valuesOf(client)]).toEqual([null, { cart: [1] }]);
  });

  it('end by their id, for anybody or for their subject alone', async () => {
    const { here, there } = await start();
    const [one, other] = [here.client(), here.client()];
    const ids = [];
    for (const client of [one, other]) {
      await client.run(logIn('ada'));
      ids.push((await client.result((session) => session.id)) as string);
    }
    const far = other.copy(there.url);
    expect(await subjectOf(far)).toBe('ada');
    await here.sessions.revoke(ids[0]!, { subject: 'eve' });
    expect(await subjectOf(one)).toBe('ada');
    await here.sessions.revoke(ids[0]!, { subject: 'ada' });
    await here.sessions.revoke(ids[1]!);
    expect([await subjectOf(one), await subjectOf(other)]).toEqual([null, null]);
    there.ahead = LATEST;
    expect(await subjectOf(far)).toBe(null);
    await here.sessions.revoke('no id');
  });

  it('end for a whole subject except one, and a later login lives', async () => {
    const { here, there } = await start();
    const [kept, other, stranger] = [here.client(), here.client(), here.client()];
    await kept.run(logIn('grace'));
    await other.run(logIn('grace'));
    await stranger.run(logIn('bob'));
    await kept.run(async (session) => {
      await here.sessions.revokeSubject('grace', { except: session.id });
    });
    const later = there.client();
    await later.run(logIn('grace'));
    there.ahead = LATEST;
    for (const app of [here, there]) {
      const all = [kept, other, stranger, later].map((client) => subjectOf(client.copy(app.url)));
      expect(await Promise.all(all)).toEqual(['grace', null, 'bob', 'grace']);
    }
    await here.sessions.revokeSubject('grace');
    expect(await subjectOf(kept)).toBe(null);
  });

  it('stay what they were where nothing was revoked', async () => {
    const { here } = await start();
    const client = here.client();
    await client.run(logIn('ada'));
    await client.run((session) => session.set('n', 1));
    await client.run((session) => session.update('n', (n) => (n as number) + 1));
    expect(await valuesOf(client)).toEqual({ n: 2 });
    expect(here.seen('storeDown')).toEqual([]);
  });

  it('refuse a copy of an older state and a late change of one, with generations', async () => {
    const { here } = await start({ generations: true });
    const client = here.client();
    await client.run(logIn('ada'));
    await client.run((session) => session.set('n', 1));
    const [late, copy] = [client.copy(), client.copy()];
    const poll = await underWay(late, (session) => session.set('n', 'late'));
    await client.run((session) => session.set('n', 2));
    const answer = await poll.finish();
    expect([answer.cookies, here.seen('dropped')]).toEqual([[], [{ session: 'default', why: 'gone' }]]);
    expect(await valuesOf(copy)).toEqual({ n: 1 }); // requests of the same page may be under way
    expect(await valuesOf(client)).toEqual({ n: 2 });
    here.ahead = 61;
    expect(await subjectOf(copy)).toBe(null);
    expect(await valuesOf(client)).toEqual({ n: 2 });
    expect(here.seen('reused')).toEqual([{ session: 'default', subject: 'ada' }]);
  });

  it('end for the whole subject when an older state is used late and onReuse is end', async () => {
    const { here } = await start({ generations: true }, { session: { onReuse: 'end' } });
    const [client, device] = [here.client(), here.client()];
    await client.run(logIn('ada'));
    await device.run(logIn('ada'));
    await client.run((session) => session.set('n', 1));
    const copy = client.copy();
    await client.run((session) => session.set('n', 2));
    here.ahead = 61;
    await copy.run(() => undefined);
    expect([await subjectOf(client), await subjectOf(device)]).toEqual([null, null]);
  });

  it('answer 409 to a change of the id from an older state, with generations', async () => {
    const { here } = await start({ generations: true });
    const client = here.client();
    await client.run(logIn('ada'));
    const late = await underWay(client.copy(), (session) => session.regenerate());
    await client.run((session) => session.set('n', 2));
    expect((await late.finish()).status).toBe(409);
    expect(await valuesOf(client)).toEqual({ n: 2 });
  });
});

describe('cookieStore({ revocation })', () => {
  it('does not start where no timeout ever ends a session', async () => {
    const store = cookieStore({ revocation: memoryRevocation() });
    const session = { idleTimeout: 0, absoluteTimeout: 0 };
    await expect(ScriptApp.start({ store, session })).rejects.toThrow(/store\.revocation: keeps each mark/);
  });
});

describe('a source of revocations that does not respond', () => {
  const start = async (onStoreDown: 'fail' | 'anonymous') => {
    const store = memoryStore();
    const up = { load: store.load.bind(store), create: store.create.bind(store) };
    const app = await ScriptApp.start({
      store: cookieStore({ revocation: storeRevocation(store) }),
      session: { onStoreDown },
    });
    const client = app.client();
    await client.run(logIn('ada'));
    await subjectOf(client);
    const fail = () => Promise.reject(Object.assign(new Error('secret detail'), { code: 'ECONNREFUSED' }));
    Object.assign(store, { load: fail, create: fail });
    return { app, client, mend: () => void Object.assign(store, up) };
  };

  it.each([
    ['fail', { status: 503, subject: undefined }],
    ['anonymous', { status: 201, subject: null }],
  ] as const)('is answered as onStoreDown says: %s', async (onStoreDown, { status, subject }) => {
    const { app, client, mend } = await start(onStoreDown);
    expect(await subjectOf(client)).toBe('ada'); // known for 30 s
    app.ahead = LATEST;
    const answer = await client.run((session) => session.subject ?? null);
    expect([answer.status, (answer.body as { result?: unknown }).result]).toEqual([status, subject]);
    expect(answer.cookies).toEqual([]);
    expect(app.seen('storeDown')).toEqual([
      { session: 'default', store: 'revocations', code: 'ECONNREFUSED' },
    ]);
    mend();
    expect(await subjectOf(client)).toBe('ada');
    expect(app.seen('storeUp')).toHaveLength(1);
  });

  it('fails a logout that it does not take', async () => {
    const { client, mend } = await start('fail');
    const copy = client.copy();
    expect((await client.run((session) => session.logout())).status).toBe(503);
    mend();
    expect(await subjectOf(copy)).toBe('ada');
  });

  it('ends no sessions of a subject, and no event says so', async () => {
    const { app } = await start('fail');
    await expect(app.sessions.revokeSubject('ada')).rejects.toMatchObject({ reason: 'ECONNREFUSED' });
    expect(app.seen('signedOut')).toEqual([]);
  });
});

describe('SessionService with sessions in cookies', () => {
  it('says that nobody can list or count them, and what ends them', async () => {
    const app = await ScriptApp.start({ store: cookieStore({ revocation: memoryRevocation() }) });
    await expect(app.sessions.list('ada')).rejects.toMatchObject({ code: 'ERR_SESSION_UNSUPPORTED' });
    await expect(app.sessions.count()).rejects.toMatchObject({ code: 'ERR_SESSION_UNSUPPORTED' });
    expect(await app.sessions.prune()).toBe(0);
    const without = await ScriptApp.start({ store: cookieStore() });
    for (const end of [without.sessions.revoke('id'), without.sessions.revokeSubject('ada')])
      await expect(end).rejects.toThrow(/cookieStore\(\{ revocation \}\)/);
  });
});
