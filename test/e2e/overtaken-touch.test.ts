import { memoryStore } from 'nestjs-session-crypto';
import { expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';

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
