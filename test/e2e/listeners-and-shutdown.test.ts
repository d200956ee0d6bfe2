import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { memoryStore, type SessionStore } from 'nestjs-session-crypto';
import { MonitoredStore } from '../../lib/persistence/monitored.store.js';
import { SessionEvents } from '../../lib/persistence/session-events.js';
import { StoreHealth } from '../../lib/persistence/store-health.js';
import { ScriptApp } from '../support/script-app.js';
import { RecordingStore } from './support/gate-store.js';

it('an async listener that rejects is a warning and stops nothing', async () => {
  const app = await ScriptApp.start({ store: memoryStore() });
  app.sessions.events.on('created', () => Promise.reject(new TypeError('mine')));
  const warned = once(process, 'warning') as Promise<[Error]>;
  const { status } = await app.client().run((session) => session.set('n', 1));
  const [warning] = await warned;
  expect(status).toBe(201);
  expect(warning.message).toBe('a listener of the session event "created" threw: TypeError');
});

it('a prune that hangs does not hold up the shutdown', { timeout: 5000 }, async () => {
  const store: SessionStore = memoryStore();
  store.prune = () => new Promise(() => undefined);
  const app = await ScriptApp.start({ store, session: { commitTimeout: 1 } });
  void app.sessions.prune();
  await expect(app.close()).resolves.toBeUndefined();
});

it('steady traffic does not hold up the shutdown', { timeout: 5000 }, async () => {
  const guarded = new MonitoredStore(
    new RecordingStore(),
    new StoreHealth('default', new SessionEvents(), 100),
  );
  const traffic = { on: true, loads: 0 };
  const visitor = async () => {
    for (; traffic.on; traffic.loads++) await guarded.load(Buffer.alloc(32));
  };
  // Each sets out while the other is on its way, so that there is no moment without a question under way.
  const first = visitor();
  await new Promise((resolve) => setImmediate(resolve));
  const second = visitor();
  await guarded.drain();
  traffic.on = false;
  await Promise.all([first, second]);
  expect(traffic.loads).toBeGreaterThan(2);
});

describe('a store that throws at once', () => {
  const throwing = () => {
    const store: SessionStore = memoryStore();
    store.load = () => {
      throw new Error('at once');
    };
    return store;
  };

  it.each([
    ['503', 'fail', 503],
    ['an anonymous session', 'anonymous', 201],
  ] as const)('answers %s as one that rejects', async (_, onStoreDown, status) => {
    const app = await ScriptApp.start({ store: throwing(), session: { onStoreDown } });
    const client = app.client();
    await client.run((session) => session.set('n', 1));
    const answer = await client.run((session) => session.get('n'));
    expect(answer.status).toBe(status);
    expect(app.seen('storeDown')).toHaveLength(1);
  });
});

it('a store without touch keeps a session alive that is only read', async () => {
  const store: SessionStore = Object.assign(memoryStore(), { touch: undefined });
  const app = await ScriptApp.start({ store, session: { regenerateInterval: 0 } });
  const client = app.client();
  await client.run((session) => session.set('n', 1));
  const seen: unknown[] = [];
  for (const ahead of [600, 1200, 1800, 2400]) {
    app.ahead = ahead;
    seen.push(await client.result((session) => session.get('n') ?? null));
  }
  expect(seen).toEqual([1, 1, 1, 1]);
});
