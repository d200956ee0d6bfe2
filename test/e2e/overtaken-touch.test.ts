import { memoryStore } from 'nestjs-session-crypto';
import { describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { underWay } from './support/hold.js';

it.each(ADAPTER_NAMES)(
  'A request whose touch a renewal has overtaken sends the new id, on %s',
  async (adapter) => {
    const store = memoryStore();
    const touch = store.touch.bind(store);
    let meanwhile = async () => undefined as unknown;
    store.touch = async (...args) => {
      const act = meanwhile;
      meanwhile = async () => undefined;
      await act();
      return touch(...args);
    };
    const app = await ScriptApp.start({ store, cookie: { lifetime: 86_400 } }, adapter);
    const client = app.client();
    await client.run((session) => session.set('cart', 'tea'));
    const other = client.copy();
    app.ahead += 800; // a touch is due, and in 100 seconds a new id
    meanwhile = async () => {
      app.ahead += 150;
      await other.result((session) => session.get('cart'));
    };
    const first = client.cookie;
    await client.result((session) => session.get('cart'));
    expect(other.cookie).not.toBe(first);
    expect(client.cookie).toBe(other.cookie);
    app.ahead += 500; // the time of grace is over
    expect(await client.result((session) => session.get('cart'))).toBe('tea');
    expect(app.seen('reused')).toEqual([]);
  },
);

describe.each(ADAPTER_NAMES)('A slow read whose touch is due, on %s', (adapter) => {
  /** A store of one's own, which cannot touch. */
  const withoutTouch = () => Object.assign(memoryStore(), { touch: undefined });

  async function start() {
    const app = await ScriptApp.start({ store: withoutTouch(), cookie: { lifetime: 86_400 } }, adapter);
    const client = app.client();
    await client.run((session) => session.set('cart', 'tea'));
    const other = client.copy();
    app.ahead += 61;
    return { app, client, other };
  }

  it('sends no cookie over that of a login, though the store has no touch', async () => {
    const { client, other } = await start();
    const slow = await underWay(other, (session) => session.get('cart'));
    await client.run((session) => session.login('ada'));
    expect((await slow.finish()).cookies).toEqual([]);
  });

  it('moves the clock of a session that was saved meanwhile, though the store has no touch', async () => {
    const { app, client, other } = await start();
    const slow = await underWay(other, (session) => session.get('cart'));
    app.ahead -= 30;
    await client.run((session) => session.set('cart', 'cake'));
    app.ahead += 30;
    expect((await slow.finish()).cookies).toHaveLength(1);
    app.ahead += 1420; // too late for the clock of the save
    expect(await client.result((session) => session.get('cart'))).toBe('cake');
  });
});
