import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cookieStore, memoryRevocation, memoryStore } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp, type Client, type Script } from '../support/script-app.js';
import { underWay } from './support/hold.js';

const logIn =
  (subject: string): Script =>
  (session) =>
    session.login(subject);
const idOf = (client: Client) => client.result((session) => session.id) as Promise<string>;

const STORES = [
  ['memory', () => memoryStore()],
  ['cookie', () => cookieStore({ revocation: memoryRevocation() })],
] as const;

const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  STORES.map(([name, make]) => [adapter, name, make] as const),
);
const session = 'default';

describe.each(combinations)('events on %s in the %s store', (adapter, store, make) => {
  const counts = store !== 'cookie';

  it('tell each sign-in and each sign-out, with its reason', async () => {
    const app = await ScriptApp.start({ store: make() }, adapter);
    const client = app.client();
    await client.run((one) => one.set('cart', [1]));
    await client.run(logIn('ada'));
    const ada = await idOf(client);
    await client.run(logIn('bob'));
    const bob = await idOf(client);
    await client.run((one) => one.logout());
    await client.run(logIn('eve'));
    const eve = await idOf(client);
    await app.sessions.revoke(eve);
    await app.sessions.revoke(eve);
    await client.run(logIn('eve'));
    await app.sessions.revokeSubject('eve');
    expect(app.seen('signedIn')).toEqual([
      { session, id: ada, subject: 'ada', how: 'login' },
      { session, id: bob, subject: 'bob', how: 'login' },
      { session, id: eve, subject: 'eve', how: 'login' },
      { session, id: expect.any(String) as string, subject: 'eve', how: 'login' },
    ]);
    expect(app.seen('signedOut')).toEqual([
      { session, id: ada, subject: 'ada', why: 'login' },
      { session, id: bob, subject: 'bob', why: 'logout' },
      { session, id: eve, subject: undefined, why: 'revoked' },
      { session, id: undefined, subject: 'eve', ...(counts && { sessions: 1 }), why: 'revoked' },
    ]);
  });

  it('tell one sign-out where two requests log out at once', async () => {
    const app = await ScriptApp.start({ store: make() }, adapter);
    const client = app.client();
    await client.run(logIn('ada'));
    const logOut: Script = (one) => one.logout();
    const both = [await underWay(client.copy(), logOut), await underWay(client, logOut)];
    for (const one of both) await one.finish();
    expect([app.seen('ended').length, app.seen('signedOut').length]).toEqual([1, 1]);
  });

  it('tell nothing of an id that is no session of the subject', async () => {
    const app = await ScriptApp.start({ store: make() }, adapter);
    for (const length of [16, 32])
      await app.sessions.revoke(randomBytes(length).toString('base64url'), { subject: 'ada' });
    expect(app.seen('signedOut')).toEqual([]);
  });

  it('tell no sign-out of a visitor whom nobody knows', async () => {
    const app = await ScriptApp.start({ store: make() }, adapter);
    const client = app.client();
    await client.run((one) => one.set('cart', [1]));
    await client.run((one) => one.logout());
    expect([app.seen('ended').length, app.seen('signedOut')]).toEqual([1, []]);
  });
});

describe('events of sessions on the server', () => {
  it('tell which session made room for another', async () => {
    const app = await ScriptApp.start({
      store: memoryStore(),
      session: { maxPerSubject: { limit: 1 } },
    });
    const first = app.client();
    await first.run(logIn('ada'));
    const id = await idOf(first);
    await app.client().run(logIn('ada'));
    expect(app.seen('signedOut')).toEqual([{ session, id, subject: 'ada', why: 'limit' }]);
  });

  it('tell that the use of an old id has ended all sessions of a subject', async () => {
    const app = await ScriptApp.start({ store: memoryStore(), session: { onReuse: 'end' } });
    const client = app.client();
    await client.run(logIn('ada'));
    const copy = client.copy();
    app.ahead = 901;
    await client.run(() => undefined); // renews the id
    app.ahead = 1000;
    await copy.run(() => undefined);
    expect(app.seen('signedOut')).toEqual([
      { session, id: undefined, subject: 'ada', sessions: 1, why: 'reused' },
    ]);
  });
});
