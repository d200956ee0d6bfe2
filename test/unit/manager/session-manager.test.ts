import { describe, expect, it } from 'vitest';
import { memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { SessionManager } from '../../../lib/manager/session-manager.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';

const CRYPTO = { secrets: [`hex:${'11'.repeat(32)}`] };

async function managerOf(options: Partial<SessionCryptoOptions> = {}): Promise<SessionManager> {
  return SessionManager.create(resolveOptions({ crypto: CRYPTO, ...options }), {
    name: 'default',
    events: new SessionEvents(),
    clock: (actual) => actual,
    drivers: { find: () => Promise.resolve(undefined), make: () => undefined },
    tell: () => undefined,
    isCaseSensitive: () => true,
  });
}

const requestOf = (url: string) => ({ url, headers: { host: 'a.example' } }) as never;

describe('SessionManager', () => {
  const contexts = [
    { path: '/a' },
    { path: '/b', cookie: { name: 'b' }, store: memoryStore() },
    { path: '/c', cookie: { name: 'c' }, crypto: { tenant: 'c' } },
  ];

  it('has one profile for the base options and one for each context, and chooses by path', async () => {
    const manager = await managerOf({ contexts });
    expect(manager.profiles).toHaveLength(4);
    const chosen = ['/', '/a/x', '/b', '/c'].map((url) => manager.profileFor(requestOf(url)));
    expect(chosen).toEqual(manager.profiles);
    expect(chosen[0]).toBe(manager.base);
  });

  it('shares the store and the keys of profiles that do not override them', async () => {
    const [base, a, b, c] = (await managerOf({ contexts })).profiles;
    expect([a!.store === base!.store, a!.crypto === base!.crypto]).toEqual([true, true]);
    expect([b!.store === base!.store, b!.crypto === base!.crypto]).toEqual([false, true]);
    expect([c!.store === base!.store, c!.crypto === base!.crypto]).toEqual([true, false]);
  });

  it('opens and closes each store once', async () => {
    const calls: string[] = [];
    const store = Object.assign(memoryStore(), {
      open: () => void calls.push('open'),
      close: () => void calls.push('close'),
    });
    const manager = await managerOf({ store, contexts: [{ path: '/a' }, { path: '/b' }] });
    await manager.open(() => undefined);
    await manager.close();
    expect(calls).toEqual(['open', 'close']);
  });

  it('follows the sources of its keys while it waits for its store', async () => {
    const listeners = () => process.listenerCount('SIGUSR2');
    const before = listeners();
    let during = 0;
    const store = Object.assign(memoryStore(), { open: () => void (during = listeners()) });
    const crypto = { secrets: [() => CRYPTO.secrets[0]!], reload: { signal: 'SIGUSR2' as const } };
    const manager = await managerOf({ store, crypto });
    await manager.open(() => undefined);
    await manager.close();
    expect([during, listeners()]).toEqual([before + 1, before]);
  });

  it('says whether it shares a cookie with another', async () => {
    const manager = await managerOf({ contexts });
    expect(manager.sharesCookie(await managerOf())).toBe(true);
    expect(manager.sharesCookie(await managerOf({ cookie: { name: 'b' } }))).toBe(true);
    expect(manager.sharesCookie(await managerOf({ cookie: { name: 'other' } }))).toBe(false);
  });

  it('asks for the case rule of the router once, with the first request', async () => {
    let asked = 0;
    const options = resolveOptions({ crypto: CRYPTO, contexts: [{ path: '/a' }] });
    const manager = await SessionManager.create(options, {
      name: 'default',
      events: new SessionEvents(),
      clock: (actual) => actual,
      drivers: { find: () => Promise.resolve(undefined), make: () => undefined },
      tell: () => undefined,
      isCaseSensitive: () => (asked++, false),
    });
    expect(asked).toBe(0);
    const { profiles } = manager;
    expect(manager.profileFor(requestOf('/A'))).toBe(profiles[1]);
    expect(manager.profileFor(requestOf('/b'))).toBe(profiles[0]);
    expect(asked).toBe(1);
  });

  it('prunes nothing where no store can', async () => {
    expect((await managerOf()).prune()).toBeUndefined();
    await expect((await managerOf({ store: memoryStore() })).prune()).resolves.toBe(0);
  });
});
