import { cookieStore, memoryStore } from 'nestjs-session-crypto';
import { afterEach, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp, type Client } from '../support/script-app.js';
import { sizesFrom } from '../support/sizes.js';

/** Rows that one user of {@link visit} leaves: the session, and the one that its renewal has replaced. */
const ROWS = 2;

/** Sizes count the key and the value of an entry. */
const ENTRY = 2;

/** Where the keys of epochs are kept: all messages of a process have the key of one epoch. */
const EPOCH_KEYS = '.manager.base.crypto.native.envelope.cache.entries';

let app: ScriptApp;
afterEach(() => app.close());

/** A user logs in, changes, reads and renews his session, and a stranger sends what is no session. */
async function visit(client: Client, name: string): Promise<void> {
  await client.run((session) => session.login(name));
  await client.run((session) => session.set('cart', name));
  await client.run((session) => session.get('cart'));
  await client.run((session) => session.regenerate());
  const stranger = app.client();
  stranger.jar.set('sid', name.repeat(30));
  await stranger.run((session) => session.get('cart'));
}

/** The collections that have other sizes after eight users more, and by how much they grew. */
async function grown(): Promise<Record<string, number>> {
  const serve = async (from: number, to: number) => {
    for (let user = from; user < to; user++) await visit(app.client(), `user-${user}`);
    return sizesFrom(app.sessions);
  };
  const before = await serve(0, 4);
  const after = await serve(4, 12);
  expect(after.get(EPOCH_KEYS)).toBe(1 * ENTRY);
  const sizes = [...new Set([...before.keys(), ...after.keys()])].map((path): [string, number] => [
    path,
    (after.get(path) ?? 0) - (before.get(path) ?? 0),
  ]);
  return Object.fromEntries(sizes.filter(([, change]) => change));
}

it.each(ADAPTER_NAMES)('no collection grows with the users of sessions in cookies on %s', async (adapter) => {
  app = await ScriptApp.start({ store: cookieStore() }, adapter);
  expect(await grown()).toEqual({});
});

it.each(ADAPTER_NAMES)('only the rows of the store grow with its users on %s', async (adapter) => {
  app = await ScriptApp.start({ store: memoryStore() }, adapter);
  const sizes = await grown();
  expect(Object.keys(sizes)).toEqual([expect.stringMatching(/\.rows$/)]);
  expect(Object.values(sizes)).toEqual([8 * ROWS * ENTRY]);
});
