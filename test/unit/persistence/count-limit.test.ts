import { describe, expect, it } from 'vitest';
import { MonitoredStore } from '../../../lib/persistence/monitored.store.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';
import { StoreHealth } from '../../../lib/persistence/store-health.js';
import { memoryStore, type SessionStore } from '../../../lib/index.js';

describe.each(['count', 'estimate'] as const)('%s of a monitored store', (method) => {
  it('may take longer than a request waits, and is no outage then', async () => {
    let answer: (n: number) => void = () => undefined;
    const slow = () => new Promise<number>((resolve) => (answer = resolve));
    const never = () => new Promise<never>(() => undefined);
    const store: SessionStore = Object.assign(memoryStore(), { [method]: slow, load: never });
    const monitored = new MonitoredStore(store, new StoreHealth('default', new SessionEvents(), 5));
    const counted = monitored[method]!();
    await expect(monitored.load(Buffer.alloc(32))).rejects.toMatchObject({ reason: 'timeout' });
    answer(7);
    expect(await counted).toBe(7);
  });
});
