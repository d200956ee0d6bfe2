import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieStore, memoryStore, SessionConfigError, type SessionStateError } from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { resolveOptions } from '../../lib/options/resolve-options.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp, SECRET, type Client, type Script } from '../support/script-app.js';
import { SERVER_STORES } from '../support/stores.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const logIn =
  (subject: string): Script =>
  (session) =>
    session.login(subject);
const subjectOf = (client: Client) => client.result((session) => session.subject ?? null);

const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  SERVER_STORES.map(([name, make]) => [adapter, name, make] as const),
);

describe.each(combinations)('session.maxPerSubject on %s in the %s store', (adapter, _, make) => {
  const start = async (whenFull: 'refuse' | 'endOldest', limit = 2) => {
    const store = make(database);
    const session = { maxPerSubject: { limit, whenFull }, idleTimeout: 600 };
    const app = await ScriptApp.start({ store, session }, adapter);
    const subject = `subject ${adapter} ${Math.random()}`;
    const enter = async () => {
      const client = app.client();
      const { status } = await client.run(logIn(subject));
      return { client, status };
    };
    return { app, subject, enter };
  };

  it('refuses one more login with 409, and the visitor keeps what he had', async () => {
    const { app, subject, enter } = await start('refuse');
    const [one, two] = [await enter(), await enter()];
    const visitor = app.client();
    await visitor.run((session) => session.set('cart', [1]));
    expect((await visitor.run(logIn(subject))).status).toBe(409);
    expect(await visitor.result((session) => [session.subject ?? null, session.all()])).toEqual([
      null,
      { cart: [1] },
    ]);
    expect([one.status, two.status, (await app.sessions.list(subject)).length]).toEqual([201, 201, 2]);
    await one.client.run((session) => session.logout());
    expect((await enter()).status).toBe(201);
  });

  it('lets the handler tell the visitor', async () => {
    const { app, subject, enter } = await start('refuse', 1);
    await enter();
    const answer = await app.client().run(async (session) => {
      await session.login(subject);
      return session.save().catch((error: SessionStateError) => [error.code, error.statusCode]);
    });
    expect([answer.status, answer.body]).toEqual([201, { result: ['ERR_SESSION_LIMIT', 409] }]);
  });

  it('ends the session with the oldest login', async () => {
    const { app, subject, enter } = await start('endOldest');
    const one = await enter();
    app.ahead = 10;
    const two = await enter();
    app.ahead = 20;
    await one.client.run((session) => session.set('seen', 1)); // used later, and logged in earlier
    const three = await enter();
    const subjects = [one, two, three].map(({ client }) => subjectOf(client));
    expect(await Promise.all(subjects)).toEqual([null, subject, subject]);
  });

  it('counts no session that has idled out, and another login of one session once', async () => {
    const { app, subject, enter } = await start('refuse', 1);
    const { client } = await enter();
    expect((await client.run(logIn(subject))).status).toBe(201);
    expect((await enter()).status).toBe(409);
    app.ahead = 601;
    expect((await enter()).status).toBe(201);
  });

  it.each(['refuse', 'endOldest'] as const)('is not exceeded by ten logins at once: %s', async (whenFull) => {
    const { app, subject, enter } = await start(whenFull);
    const all = await Promise.all(Array.from({ length: 10 }, enter));
    const live = await Promise.all(all.map(({ client }) => subjectOf(client)));
    expect(live.filter((one) => one === subject)).toHaveLength(2);
    expect(await app.sessions.list(subject)).toHaveLength(2);
    const refused = all.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(whenFull === 'refuse' ? 8 : 0);
  });
});

const ONE = { maxPerSubject: { limit: 1 }, commitTimeout: 1 };
const subjectIn = async (app: ScriptApp) => {
  const client = app.client();
  return [(await client.run(logIn('ada'))).status, await subjectOf(client)];
};

describe('session.maxPerSubject', () => {
  it('lets a user in whose other sessions were sealed by a key that is gone', async () => {
    const store = memoryStore();
    const before = await ScriptApp.start({ store, session: ONE });
    await before.client().run(logIn('ada'));
    const crypto = { secrets: ['another secret of at least 32 characters'] };
    const after = await ScriptApp.start({ store, session: ONE, crypto });
    expect([await subjectIn(after), await subjectIn(after)]).toEqual([
      [201, 'ada'],
      [201, 'ada'],
    ]);
  });

  it('lets a user in whose other session has idled out by the timeout that it was sealed with', async () => {
    const store = memoryStore();
    const before = await ScriptApp.start({ store, session: { ...ONE, idleTimeout: 300 } });
    await before.client().run(logIn('ada'));
    const refuse = { ...ONE, maxPerSubject: { limit: 1, whenFull: 'refuse' as const } };
    const after = await ScriptApp.start({ store, session: refuse });
    after.ahead = 400;
    expect(await subjectIn(after)).toEqual([201, 'ada']);
  });

  it('gives no place to a session that is too large, and ends none for it', async () => {
    const app = await ScriptApp.start({ store: memoryStore(), session: { ...ONE, payloadLimit: 1024 } });
    const first = app.client();
    await first.run(logIn('ada'));
    const large = await app.client().run((session) => {
      session.set('large', 'x'.repeat(2000));
      return session.login('ada');
    });
    expect([large.status, await subjectOf(first)]).toEqual([500, 'ada']);
    await first.run((session) => session.logout());
    expect(await subjectIn(app)).toEqual([201, 'ada']);
  });

  it('keeps its count though somebody revokes the id that he has computed from the name of a user', async () => {
    const app = await ScriptApp.start({ store: memoryStore(), session: ONE });
    await app.client().run(logIn('ada'));
    const gate = createHash('sha256').update('nestjs-session-crypto/mark/gate\0').update('ada');
    await app.sessions.revoke(gate.digest('base64url'));
    expect([await subjectIn(app), app.seen('signedOut').map(({ why }) => why)]).toEqual([
      [201, 'ada'],
      ['limit'],
    ]);
  });

  const faultsOf = (session: object, store: object) => {
    try {
      resolveOptions({ crypto: { secrets: [SECRET] }, session, store } as never);
      return [];
    } catch (error) {
      return (error as SessionConfigError).faults;
    }
  };

  it.each([
    ['cookieStore()', () => cookieStore()],
    ['fileStore()', () => fileStore({ path: '/nowhere' })],
  ])('stops the start with %s', (_, make) => {
    expect(faultsOf({ maxPerSubject: { limit: 3 } }, make())).toMatchObject([
      {
        path: 'session.maxPerSubject',
        message: expect.stringMatching(/^needs a store that lists/) as string,
      },
    ]);
  });

  it('says how it is written', () => {
    expect(faultsOf({ maxPerSubject: 3 }, memoryStore())).toEqual([
      { path: 'session.maxPerSubject', message: "is 3; write { limit: 3, whenFull: 'endOldest' }" },
    ]);
    expect(faultsOf({ maxPerSubject: { whenFul: 'refuse' } }, memoryStore())).toMatchObject([
      { path: 'session.maxPerSubject.whenFul' },
      { path: 'session.maxPerSubject.limit' },
    ]);
  });
});
