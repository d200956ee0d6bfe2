import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { linesOf, type Answer } from '../support/ask.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp, type Client, type Script } from '../support/script-app.js';
import { ALL_STORES, SERVER_STORES } from '../support/stores.js';
import { useFolders } from '../unit/php/sealed/stores.js';

let database: TestDatabase;
const newFolder = useFolders();

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const JUNK = ['junk1', 'junk2', 'junk3', 'junk4'];
/** More seconds than the default grace period and renewal interval have. */
const LATER = 1000;

const valueOf = (client: Client) => client.jar.get('sid')!;
const subject: Script = (session) => session.subject ?? null;

/** Runs a script in a request that carries several cookies of the session's name. */
const runWith = (app: ScriptApp, values: readonly string[], script: Script, host?: string) =>
  app.client().run(script, {
    headers: { cookie: values.map((one) => `sid=${one}`).join('; '), ...(host && { host }) },
  });

const resultWith = async (app: ScriptApp, values: readonly string[], script: Script = subject) =>
  ((await runWith(app, values, script)).body as { result: unknown }).result;

async function loggedIn(app: ScriptApp, name: string): Promise<Client> {
  const client = app.client();
  await client.run((session) => session.login(name));
  return client;
}

/** The places at which a response deletes the cookie: what its lines say besides the value and Max-Age. */
const cleared = (answer: Answer) =>
  linesOf(answer)
    .filter((line) => line.startsWith('sid=; Max-Age=0; ') && !line.includes('Expires'))
    .map((line) => line.replace('sid=; Max-Age=0; ', '').replace('; HttpOnly; SameSite=Lax', ''));

const combinations = (stores: typeof ALL_STORES) =>
  ADAPTER_NAMES.flatMap((adapter) => stores.map(([name, store]) => [adapter, name, store] as const));

describe.each(combinations(ALL_STORES))('several cookies on %s in the %s store', (adapter, _, store) => {
  const start = (options: Partial<SessionCryptoOptions> = {}) =>
    ScriptApp.start({ store: store(database), ...options }, adapter);

  it('give the one session that is among four', async () => {
    const app = await start();
    const ada = valueOf(await loggedIn(app, 'ada'));
    for (const values of [
      [ada, 'junk1', 'junk2', 'junk3'],
      ['junk1', 'junk2', 'junk3', ada],
    ])
      expect(await resultWith(app, values)).toBe('ada');
    expect(app.seen('ambiguous')).toEqual([]);
  });

  it('give nobody where the first four are junk and two sessions follow', async () => {
    const app = await start();
    const [attacker, victim] = [await loggedIn(app, 'attacker'), await loggedIn(app, 'victim')];
    for (const junk of [JUNK, JUNK.slice(1), JUNK.slice(2), []]) {
      const answer = await runWith(app, [...junk, valueOf(attacker), valueOf(victim)], subject);
      expect(answer.body).toEqual({ result: null });
      expect(answer.cookies).toEqual([]);
    }
    expect(app.seen('ambiguous').map(({ cookies }) => cookies)).toEqual([6, 5, 4, 2]);
  });

  it('give nobody where there are more than four, although one session is among them', async () => {
    const app = await start();
    const ada = valueOf(await loggedIn(app, 'ada'));
    const answer = await runWith(app, [...JUNK, ada], subject);
    expect(answer.body).toEqual({ result: null });
    expect(answer.cookies).toEqual([]);
    expect(app.seen('ambiguous')).toEqual([{ session: 'default', cookies: 5 }]);
    expect(await resultWith(app, [ada])).toBe('ada');
  });

  it('of two sessions store no change of their request, and begin no session with each', async () => {
    const app = await start();
    const both = [valueOf(await loggedIn(app, 'ada')), valueOf(await loggedIn(app, 'bob'))];
    const begun = app.seen('created').length;
    for (let i = 0; i < 3; i++) {
      const { cookies } = await runWith(app, both, (session) => session.set('n', i));
      expect(cookies).toEqual([]);
    }
    expect(app.seen('created')).toHaveLength(begun);
    expect(app.seen('dropped')).toHaveLength(3);
  });

  it('of two sessions are left at no place where they can stand once somebody has logged in', async () => {
    const app = await start();
    const both = [valueOf(await loggedIn(app, 'ada')), valueOf(await loggedIn(app, 'bob'))];
    const answer = await runWith(app, both, (session) => session.login('cleo'), 'a.shop.localhost:80');
    const id = /\/run\/([\w-]+)/.exec(cleared(answer).at(-1)!)![1]!;
    const paths = ['/', '/run', '/run/', `/run/${id}`];
    const domains = ['', 'Domain=a.shop.localhost; ', 'Domain=shop.localhost; '];
    const places = paths.flatMap((path) => domains.map((domain) => `${domain}Path=${path}`));
    expect(cleared(answer)).toEqual(places.filter((place) => place !== 'Path=/'));
    const [, value] = /^sid=([^;]+);/.exec(linesOf(answer).at(-1)!)!;
    expect(await resultWith(app, [value!])).toBe('cleo');
  });

  it('of two sessions are cleared everywhere by a logout', async () => {
    const app = await start();
    for (const end of [(session) => session.logout(), (session) => session.destroy()] as Script[]) {
      const both = [valueOf(await loggedIn(app, 'ada')), valueOf(await loggedIn(app, 'bob'))];
      const answer = await runWith(app, both, end);
      expect(linesOf(answer).every((line) => line.startsWith('sid=; Max-Age=0; '))).toBe(true);
      expect(linesOf(answer)).toHaveLength(4); // one for each path above the request's
    }
  });
});

describe.each(combinations(SERVER_STORES))('several cookies on %s in the %s store', (adapter, _, store) => {
  const start = (options: Partial<SessionCryptoOptions> = {}) =>
    ScriptApp.start({ store: store(database), ...options }, adapter);

  it.each<[string, Script]>([
    ['logout', (session) => session.logout()],
    ['destroy', (session) => session.destroy()],
    ['login', (session) => session.login('cleo')],
  ])('of different sessions are all ended by a %s', async (_, end) => {
    const app = await start();
    const [ada, bob] = [await loggedIn(app, 'ada'), await loggedIn(app, 'bob')];
    await runWith(app, [...JUNK, valueOf(ada), valueOf(bob)], end);
    expect(app.seen('ended')).toHaveLength(2);
    expect(await ada.result(subject)).toBe(null);
    expect(await bob.result(subject)).toBe(null);
  });

  it('still give the new login if the browser keeps the old ones', async () => {
    const app = await start();
    const both = [valueOf(await loggedIn(app, 'ada')), valueOf(await loggedIn(app, 'bob'))];
    const answer = await runWith(app, both, (session) => session.login('cleo'));
    const [, value] = /^sid=([^;]+);/.exec(linesOf(answer).at(-1)!)!;
    expect(await resultWith(app, [...both, value!])).toBe('cleo');
  });

  it('that lead to one session, an old id and its successor, count as one', async () => {
    const app = await start();
    const client = await loggedIn(app, 'ada');
    const old = valueOf(client);
    app.ahead = LATER;
    await client.run(subject);
    const successor = valueOf(client);
    expect(successor).not.toBe(old);
    for (const both of [
      [old, successor],
      [successor, old],
    ])
      expect(await resultWith(app, both)).toBe('ada');
    expect(app.seen('ambiguous')).toEqual([]);
  });

  it('of which one is the old id of the other are no theft after the grace time', async () => {
    const app = await start({ session: { onReuse: 'end' } });
    const client = await loggedIn(app, 'ada');
    const old = valueOf(client);
    const elsewhere = await loggedIn(app, 'ada');
    app.ahead = LATER;
    await client.run(subject);
    app.ahead += LATER;
    for (const use of [1, 2, 3]) {
      expect(await resultWith(app, [old, valueOf(client)]), `use ${use}`).toBe('ada');
      expect(app.seen('reused')).toEqual([]);
    }
    expect(await client.result(subject)).toBe('ada');
    expect(valueOf(elsewhere)).toBeDefined();
  });

  it('report an old id that comes with the session of somebody else', async () => {
    const app = await start({ session: { onReuse: 'end' } });
    const client = await loggedIn(app, 'ada');
    const old = valueOf(client);
    app.ahead = LATER;
    await client.run(subject);
    app.ahead += 100;
    const thief = await loggedIn(app, 'mallory');
    expect(await resultWith(app, [old, valueOf(thief)])).toBe('mallory');
    expect(app.seen('reused')).toEqual([{ session: 'default', subject: 'ada' }]);
    expect(await client.result(subject)).toBe(null);
  });
});

describe.each(ADAPTER_NAMES)('two states of one session in the cookie, on %s', (adapter) => {
  const start = async () => {
    const app = await ScriptApp.start({}, adapter);
    const client = await loggedIn(app, 'ada');
    const before = valueOf(client);
    app.ahead = LATER;
    await client.run((session) => session.set('cart', 1));
    return { app, states: [before, valueOf(client)] };
  };

  it('count as one, and the newest counts', async () => {
    const { app, states } = await start();
    for (const both of [states, states.toReversed()])
      expect(await resultWith(app, both, (session) => session.get('cart'))).toBe(1);
    expect(app.seen('ambiguous')).toEqual([]);
  });

  it('become one with the next change', async () => {
    const { app, states } = await start();
    const answer = await runWith(app, states, (session) => session.set('cart', 2));
    expect(linesOf(answer).at(-1)).toMatch(/^sid=[\w-]{50,}; Path=\/; /);
    expect(cleared(answer)).toContain('Path=/run');
  });

  it('are both cleared by a logout', async () => {
    const { app, states } = await start();
    const answer = await runWith(app, states, (session) => session.logout());
    expect(cleared(answer)).toContain('Path=/run');
    expect(linesOf(answer).at(-1)).toMatch(/^sid=; Max-Age=0; Expires=/);
  });
});

it('in files too, several cookies of different sessions are ended by a logout', async () => {
  const app = await ScriptApp.start({ store: fileStore({ path: await newFolder() }) });
  const [ada, bob] = [await loggedIn(app, 'ada'), await loggedIn(app, 'bob')];
  await runWith(app, [valueOf(ada), valueOf(bob)], (session) => session.logout());
  expect([await ada.result(subject), await bob.result(subject)]).toEqual([null, null]);
});

it('a lone old id is still a theft after the grace time', async () => {
  const app = await ScriptApp.start({ store: memoryStore(), session: { onReuse: 'end' } });
  const client = await loggedIn(app, 'ada');
  const thief = client.copy();
  app.ahead = LATER;
  await client.run(subject);
  app.ahead += 100;
  expect(await thief.result(subject)).toBe(null);
  expect(app.seen('reused')).toHaveLength(1);
  expect(await client.result(subject)).toBe(null);
});
