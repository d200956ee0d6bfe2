import { stat } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cookieStore, memoryStore, OpensslDriver, storeRevocation } from 'nestjs-session-crypto';
import { Checkup } from '../../../lib/checkup/checkup.js';
import { codes } from '../../support/reporting-process.js';
import { brokenStore, failing, managerOf, runningManager, SECRETS } from '../../support/running-manager.js';

const report = async (...args: Parameters<typeof runningManager>) =>
  new Checkup(await runningManager(...args)).report();

const fault = (error: Error): never => {
  throw error;
};

describe('Checkup', () => {
  it('says that all is well, with the facts', async () => {
    const health = await report();
    expect(health).toMatchObject({
      status: 'up',
      phase: 'running',
      store: {
        status: 'up',
        stores: [{ kind: 'memory', name: 'memory', access: 'writes', code: undefined }],
      },
      keys: {
        rings: [
          { format: 'native', managed: false, keys: 1, sources: [{ kind: 'literal', reloads: false }] },
        ],
      },
      ring: { status: 'up', managed: false, processes: [] },
      driver: { status: 'up', name: 'openssl', version: process.versions.openssl, selfTest: 'passed' },
      revocation: undefined,
      findings: [],
    });
    expect(health.store.stores[0]!.latency).toBeGreaterThanOrEqual(0);
    expect(health.driver.latency).toBeGreaterThan(0);
    expect(Math.abs(health.clock.offset!)).toBeLessThan(1);
  });

  it('says that a session in the cookie needs no store', async () => {
    const health = await report({ store: cookieStore() });
    expect(health).toMatchObject({ status: 'up', clock: { status: 'up', offset: undefined } });
    expect(health.store.stores).toMatchObject([{ kind: 'cookie', access: 'unasked', status: 'up' }]);
  });

  const DOWN = { load: failing('ECONNREFUSED') };
  const READ_ONLY = { ping: failing('25006') };
  const UNTIL_NEVER = () => new Promise<never>(() => undefined);

  it.each([
    ['store-down', 'down', { store: brokenStore(DOWN) }],
    ['store-down-anonymous', 'degraded', { store: brokenStore(DOWN), session: { onStoreDown: 'anonymous' } }],
    ['store-read-only', 'degraded', { store: brokenStore(READ_ONLY) }],
    ['store-down', 'down', { store: brokenStore({ ...READ_ONLY, ...DOWN }) }],
    ['revocation-down', 'down', { store: cookieStore({ revocation: storeRevocation(brokenStore(DOWN)) }) }],
    [
      'revocation-down-anonymous',
      'degraded',
      {
        store: cookieStore({ revocation: storeRevocation(brokenStore(DOWN)) }),
        session: { onStoreDown: 'anonymous' },
      },
    ],
    [
      'revocation-read-only',
      'degraded',
      { store: cookieStore({ revocation: storeRevocation(brokenStore(READ_ONLY)) }) },
    ],
  ] as const)('finds %s, which is %s', async (code, status, options) => {
    const health = await report(options);
    expect([health.status, codes(health)]).toEqual([status, [code]]);
    expect(inspect(health, { depth: null })).not.toContain('hunter2');
  });

  it('is degraded while one of several stores is down, and down when all are', async () => {
    const down = () => brokenStore(DOWN);
    const contexts = (store: ReturnType<typeof memoryStore>) => [
      { path: '/a', cookie: { name: 'a' }, store },
    ];
    const some = await report({ store: memoryStore(), contexts: contexts(down()) });
    const all = await report({ store: down(), contexts: contexts(down()) });
    expect([some.store.status, some.status, codes(some)]).toEqual(['degraded', 'degraded', ['store-down']]);
    expect([all.store.status, all.status]).toEqual(['down', 'down']);
  });

  it('takes a store that is read-only by its own options for well', async () => {
    const health = await report({ store: brokenStore({ ping: () => Promise.resolve('read-only') }) });
    expect(health).toMatchObject({ status: 'up', store: { stores: [{ access: 'reads' }] } });
  });

  it('answers within its limit, and leaves one question at a store that hangs', async () => {
    let asked = 0;
    const ping = () => {
      asked++;
      return UNTIL_NEVER();
    };
    const manager = await runningManager({
      store: brokenStore({ ping }),
      session: { commitTimeout: 1 },
    });
    let now = 0;
    const clocks = { steady: () => now, wall: () => Date.now() };
    const checkup = new Checkup(manager, clocks, 5);
    for (const _ of 'many calls') {
      now += 5000;
      expect((await checkup.report()).store.stores[0]).toMatchObject({ access: 'late', code: 'timeout' });
    }
    expect(asked).toBe(1);
  });

  it.each(['store', 'revocation'] as const)(
    'is degraded while the %s is slow, and down once an operation of commitTimeout has failed',
    async (part) => {
      let fails: ((error: Error) => void) | undefined;
      const rows = brokenStore({ ping: () => new Promise((_, reject) => (fails = reject)) });
      const store = part === 'store' ? rows : cookieStore({ revocation: storeRevocation(rows) });
      const manager = await runningManager({ store });
      let now = 0;
      const checkup = new Checkup(manager, { steady: () => (now += 2000), wall: () => Date.now() }, 5);
      const slow = await checkup.report();
      expect([slow.status, codes(slow)]).toEqual(['degraded', [`${part}-slow`]]);
      const [asked] = manager.stores;
      await expect(asked!.health.watch('load', failing('timeout'))).rejects.toThrow();
      const down = await checkup.report();
      expect([down.status, codes(down)]).toEqual(['down', [`${part}-down`]]);
      fails!(new Error('over'));
      await turn();
      await asked!.health.watch('load', () => Promise.resolve());
      expect((await checkup.report()).status).toBe('degraded');
      fails!(new Error('over')); // closing waits for it
    },
  );

  it('takes an answer that came while the event loop was busy', async () => {
    const ping = () => new Promise<void>((resolve) => stat('.', () => resolve()));
    const manager = await runningManager({ store: brokenStore({ ping }) });
    await turn(); // from here, Node fires timers before it reads
    const reported = new Checkup(manager, undefined, 5).report();
    const until = performance.now() + 50;
    while (performance.now() < until);
    expect(await reported).toMatchObject({ status: 'up', findings: [] });
  });

  it('is degraded while the driver is slow, and down when it is longer than commitTimeout', async () => {
    class Driver extends OpensslDriver {
      override expand(...args: Parameters<OpensslDriver['expand']>) {
        if (String(args[1]) !== 'nestjs-session-crypto/health') return super.expand(...args);
        return UNTIL_NEVER() as never;
      }
    }
    const crypto = { secrets: SECRETS, driver: new Driver() };
    const manager = await runningManager({ crypto, session: { commitTimeout: 5 } });
    let now = 0;
    const checkup = new Checkup(manager, { steady: () => now, wall: () => Date.now() }, 5);
    for (now of [0, 4900]) {
      const health = await checkup.report();
      expect([health.status, codes(health)]).toEqual(['degraded', ['driver-slow']]);
    }
    now = 6000;
    const health = await checkup.report();
    expect([health.status, codes(health)]).toEqual(['down', ['driver-fails']]);
  });

  it('is degraded as long as a slow driver answers in time, though after each report', async () => {
    let answer: () => void = () => undefined;
    class Driver extends OpensslDriver {
      override expand(...args: Parameters<OpensslDriver['expand']>) {
        const derived = super.expand(...args);
        if (String(args[1]) !== 'nestjs-session-crypto/health') return derived;
        return new Promise<Buffer>((resolve) => (answer = () => resolve(derived))) as never;
      }
    }
    const crypto = { secrets: SECRETS, driver: new Driver() };
    const manager = await runningManager({ crypto, session: { commitTimeout: 5 } });
    let now = 0;
    const checkup = new Checkup(manager, { steady: () => now, wall: () => Date.now() }, 5);
    for (now of [0, 10_000, 20_000]) {
      expect(codes(await checkup.report())).toEqual(['driver-slow']);
      answer();
      await turn();
    }
  });

  it('asks a driver anew that has not answered, and is well when it does', async () => {
    let isSilent = true;
    class Driver extends OpensslDriver {
      override expand(...args: Parameters<OpensslDriver['expand']>) {
        if (!isSilent || String(args[1]) !== 'nestjs-session-crypto/health') return super.expand(...args);
        return UNTIL_NEVER() as never;
      }
    }
    const crypto = { secrets: SECRETS, driver: new Driver() };
    const manager = await runningManager({ crypto, session: { commitTimeout: 1 } });
    let now = 0;
    const checkup = new Checkup(manager, { steady: () => now, wall: () => Date.now() }, 1500);
    expect(codes(await checkup.report())).toEqual(['driver-slow']); // the question has given up after a second
    now = 2000;
    expect(codes(await checkup.report())).toEqual(['driver-fails']);
    isSilent = false;
    now = 4000;
    expect(await checkup.report()).toMatchObject({ status: 'up', findings: [] });
  });

  it('joins calls at the same time, and gives a report again until it is a second old', async () => {
    let asked = 0;
    const ping = async () => void asked++;
    const manager = await runningManager({ store: brokenStore({ ping }) });
    let now = 0;
    const checkup = new Checkup(manager, { steady: () => now, wall: () => 0 });
    const all = await Promise.all(Array.from({ length: 1000 }, () => checkup.report()));
    expect(new Set(all).size).toBe(1);
    now = 999;
    expect(await checkup.report()).toBe(all[999]);
    expect(asked).toBe(1);
    now = 1000;
    expect(await checkup.report()).not.toBe(all[0]);
    expect(asked).toBe(2);
  });

  it('is down before the stores are open, and asks none of them', async () => {
    const manager = await managerOf({ store: brokenStore(DOWN) });
    const health = await new Checkup(manager).report();
    expect([health.status, health.phase, codes(health)]).toEqual(['down', 'starting', ['starting']]);
  });

  it('is down as soon as the application shuts down, also within the second', async () => {
    const manager = await runningManager();
    const checkup = new Checkup(manager);
    expect((await checkup.report()).status).toBe('up');
    manager.beginClosing();
    const health = await checkup.report();
    expect([health.status, codes(health)]).toEqual(['down', ['closing']]);
  });

  it.each([
    [6, 'ahead of'],
    [-6, 'behind'],
  ])('finds a clock that is %d s off', async (seconds, direction) => {
    const store = memoryStore({ now: () => new Date(Date.now() - 1000 * seconds) });
    const health = await report({ store });
    expect(health.clock.offset).toBeCloseTo(seconds, 0);
    expect([health.status, codes(health)]).toEqual(['degraded', ['clock-offset']]);
    expect(health.findings[0]!.message).toContain(`6 s ${direction} that of the store`);
  });

  it.each([
    ['throws', () => fault(new Error('hunter2'))],
    ['tells no time', () => 'soon'],
    ['tells a false time', () => new Date(NaN)],
  ])('reports no offset where the clock of the store %s', async (_, now) => {
    const health = await report({ store: brokenStore({ now, ping: () => Promise.resolve() }) });
    expect(health).toMatchObject({ status: 'up', clock: { status: 'up', offset: undefined } });
  });

  it('takes clocks that differ by four seconds for well', async () => {
    const health = await report({ store: memoryStore({ now: () => new Date(Date.now() - 4000) }) });
    expect(health.status).toBe('up');
  });

  it('is down while the driver fails, and asks it no more than every ten seconds while it works', async () => {
    let asked = 0;
    let fault: Error | undefined;
    class Driver extends OpensslDriver {
      override expand(...args: Parameters<OpensslDriver['expand']>) {
        if (String(args[1]) !== 'nestjs-session-crypto/health') return super.expand(...args);
        asked++;
        if (fault) throw fault;
        return super.expand(...args);
      }
    }
    const manager = await runningManager({ crypto: { secrets: SECRETS, driver: new Driver() } });
    let now = 0;
    const checkup = new Checkup(manager, { steady: () => now, wall: () => Date.now() });
    for (now = 0; now < 10_000; now += 1000) expect((await checkup.report()).driver.status).toBe('up');
    expect(asked).toBe(1);
    fault = Object.assign(new Error('PIN 1234'), { code: 'CKR_DEVICE_REMOVED' });
    const health = await checkup.report();
    expect([health.status, codes(health)]).toEqual(['down', ['driver-fails']]);
    expect(health.driver).toMatchObject({ status: 'down', code: 'CKR_DEVICE_REMOVED' });
    expect(inspect(health, { depth: null })).not.toContain('1234');
    fault = undefined;
    now += 1000;
    expect((await checkup.report()).status).toBe('up');
  });

  it('is degraded while a source of secrets fails, says since when, and is well again afterwards', async () => {
    let isBroken = false;
    const callback = () => {
      if (isBroken) throw Object.assign(new Error(SECRETS[0]), { code: 'EVAULT' });
      return SECRETS[0]!;
    };
    const manager = await runningManager({ crypto: { secrets: [callback] } });
    const health = () => new Checkup(manager).report();
    expect((await health()).keys.rings[0]).toMatchObject({ sources: [{ kind: 'callback', reloads: true }] });
    isBroken = true;
    await expect(manager.reloadKeys()).rejects.toThrow();
    const failed = await health();
    expect([failed.status, codes(failed)]).toEqual(['degraded', ['keys-failing']]);
    expect(failed.keys.rings[0]!.failure).toBe('crypto.secrets[0]: the callback failed (EVAULT)');
    expect(inspect(failed, { depth: null })).not.toContain('1111');
    isBroken = false;
    await manager.reloadKeys();
    expect((await health()).status).toBe('up');
  });
});
