import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { ScriptApp, type Client, type Script } from '../support/script-app.js';
import { AGING_STORES } from './support/aging-store.js';
import { underWay } from './support/hold.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const logIn =
  (subject: string): Script =>
  (session) =>
    session.login(subject);
const stateOf = (client: Client) =>
  client.result((session) => [session.subject ?? null, session.get('cart') ?? null]);

const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  AGING_STORES.map(([name, store]) => [adapter, name, store] as const),
);

describe.each(combinations)('a login that is sent twice, on %s in the %s store', (adapter, _, aging) => {
  const start = async () => {
    const app = await ScriptApp.start({ store: aging(database).store }, adapter);
    const client = app.client();
    await client.run((session) => session.set('cart', ['tea']));
    return { app, client };
  };

  it('keeps the cart in both sessions, when the second began before the first was done', async () => {
    const { client } = await start();
    const second = client.copy();
    const late = await underWay(second, logIn('ada'));
    await client.run(logIn('ada'));
    await late.finish();
    expect(await stateOf(second)).toEqual(['ada', ['tea']]);
    expect(await stateOf(client)).toEqual(['ada', ['tea']]);
  });

  it('keeps the cart in both sessions, when the second came after the first', async () => {
    const { client } = await start();
    const second = client.copy();
    await client.run(logIn('ada'));
    await second.run(logIn('ada'));
    expect(await stateOf(second)).toEqual(['ada', ['tea']]);
    expect(await stateOf(client)).toEqual(['ada', ['tea']]);
  });

  it('keeps the values when a subject proves who he is twice', async () => {
    const { client } = await start();
    await client.run(logIn('ada'));
    const second = client.copy();
    await client.run(logIn('ada'));
    await second.run(logIn('ada'));
    expect(await stateOf(second)).toEqual(['ada', ['tea']]);
  });

  it('keeps the cart where a save has told the handler that the session is gone', async () => {
    const { client } = await start();
    const second = client.copy();
    const late = await underWay(second, async (session) => {
      session.set('n', 1);
      await session.save().catch(() => undefined);
      await session.login('ada');
    });
    await client.run(logIn('ada'));
    await late.finish();
    expect(await stateOf(second)).toEqual(['ada', ['tea']]);
  });

  it('carries nothing to another subject', async () => {
    const { client } = await start();
    const second = client.copy();
    await client.run(logIn('ada'));
    await second.run(logIn('bob'));
    expect(await stateOf(second)).toEqual(['bob', null]);
  });

  it('carries nothing over that came after the first login, such as the proof of a second factor', async () => {
    const { client } = await start();
    const second = client.copy(); // somebody who has planted the visitor's cookie, and knows the password
    await client.run(logIn('ada'));
    await client.run((session) => session.set('secondFactor', true));
    await second.run(logIn('ada'));
    expect(await second.result((session) => [session.subject, session.all()])).toEqual(['ada', {}]);
  });

  it('takes nothing of one subject along to another, where the session has ended before the commit', async () => {
    const { client } = await start();
    await client.run(logIn('bob'));
    const second = client.copy();
    const late = await underWay(second, async (session) => {
      session.set('cart', ['what bob wrote']);
      await session.login('ada');
    });
    await client.run((session) => session.logout());
    await late.finish();
    expect(await stateOf(second)).toEqual(['ada', null]);
  });

  it('carries nothing after the grace time', async () => {
    const { app, client } = await start();
    const second = client.copy();
    await client.run(logIn('ada'));
    app.ahead = 61;
    await second.run(logIn('ada'));
    expect(await stateOf(second)).toEqual(['ada', null]);
  });

  it.each(['logout', 'regenerate'] as const)('carries nothing over a %s()', async (end) => {
    const { client } = await start();
    const second = client.copy();
    await client.run((session) => session[end]());
    await second.run(logIn('ada'));
    expect(await stateOf(second)).toEqual(['ada', null]);
  });

  it('carries nothing over a logout of the same request', async () => {
    const { client } = await start();
    const second = client.copy();
    await client.run(logIn('ada'));
    await second.run(async (session) => {
      await session.logout();
      await session.login('ada');
    });
    expect(await stateOf(second)).toEqual(['ada', null]);
  });
});
