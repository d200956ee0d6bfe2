import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { SessionStateError } from '../../../lib/errors/session-state.error.js';
import { SessionStoreError } from '../../../lib/errors/session-store.error.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';
import type { SessionProbe } from '../../../lib/persistence/session-probe.interface.js';
import { probed, SessionProbes } from '../../../lib/persistence/session-probes.js';
import { StoreHealth } from '../../../lib/persistence/store-health.js';
import { RecordingProbe } from '../../support/recording-probe.js';
import { failing } from '../../support/running-manager.js';

const conflict = () => new SessionStateError('ERR_SESSION_CONFLICT', 'a text that must not be seen');

describe('SessionProbes', () => {
  it('begin nothing while nobody watches', () => {
    const probes = new SessionProbes('default');
    expect(probes.begin('open')).toBeUndefined();
    const detach = probes.add(new RecordingProbe());
    expect(probes.begin('open')).toBeTypeOf('function');
    detach();
    expect(probes.begin('open')).toBeUndefined();
  });

  it('tell every probe the same, until it is detached', () => {
    const probes = new SessionProbes('admin');
    const [one, other] = [new RecordingProbe(), new RecordingProbe()];
    const detach = probes.add(one);
    probes.add(other);
    const end = probes.begin('store', 'replace')!;
    probes.openedBy('0a1b2c3d');
    probes.joined();
    detach();
    end('timeout', 3);
    probes.merged();
    const seen = { step: 'store replace', session: 'admin', outcome: 'timeout', count: 3, ended: true };
    expect([one.steps, other.steps]).toEqual([[seen], [seen]]);
    expect([one.hints, one.joins, one.merges]).toEqual([['0a1b2c3d'], 1, 0]);
    expect([other.hints, other.joins, other.merges]).toEqual([['0a1b2c3d'], 1, 1]);
  });

  it('let no error of a probe out, and warn of the first one without its message', async () => {
    const fail = () => {
      throw Object.assign(new Error('a value that must not be seen'), { code: 'E_PROBE' });
    };
    const probes = new SessionProbes('default');
    probes.add({ begin: () => fail, openedBy: fail, joined: fail, merged: fail });
    probes.add({ begin: fail, openedBy: fail, joined: fail, merged: fail });
    const healthy = new RecordingProbe();
    probes.add(healthy);
    const warned = once(process, 'warning');
    probes.begin('open')!();
    probes.openedBy('0a1b2c3d');
    probes.joined();
    probes.merged();
    expect(healthy).toMatchObject({ hints: ['0a1b2c3d'], joins: 1, merges: 1 });
    const [warning] = (await warned) as [Error];
    expect(warning.message).toBe('a session probe threw: E_PROBE');
  });
});

describe('SessionProbes, of a probe with asynchronous methods', () => {
  const failing = async () => {
    await Promise.resolve();
    throw Object.assign(new Error('a value that must not be seen'), { code: 'E_ASYNC' });
  };

  it.each([
    ['begin', (probes: SessionProbes) => probes.begin('open')!()],
    ['end', (probes: SessionProbes) => probes.begin('open')!()],
    ['openedBy', (probes: SessionProbes) => probes.openedBy('0a1b2c3d')],
    ['joined', (probes: SessionProbes) => probes.joined()],
    ['merged', (probes: SessionProbes) => probes.merged()],
  ])('let no rejection of %s end the process', async (method, act) => {
    const quiet = new RecordingProbe();
    const probe = {
      begin: (method === 'end' ? () => failing : quiet.begin.bind(quiet)) as SessionProbe['begin'],
      openedBy: () => undefined,
      joined: () => undefined,
      merged: () => undefined,
      ...(method !== 'end' && { [method]: failing }),
    };
    const probes = new SessionProbes('default');
    probes.add(probe);
    const warned = once(process, 'warning');
    act(probes); // vitest fails by a rejection that nobody handles
    const [warning] = (await warned) as [Error];
    expect(warning.message).toBe('a session probe threw: E_ASYNC');
  });
});

describe('probed', () => {
  const run = (work: () => unknown) => {
    const probe = new RecordingProbe();
    const probes = new SessionProbes('default');
    probes.add(probe);
    return { seen: probe.steps, result: () => probed(probes.begin('commit')!, work) };
  };

  it('ends a step on the same tick where the work does', () => {
    const { seen, result } = run(() => 'done');
    expect(result()).toBe('done');
    expect(seen[0]).toMatchObject({ ended: true, outcome: undefined });
  });

  it('ends a step with the number that the work returns', async () => {
    const { seen, result } = run(() => Promise.resolve(17));
    expect(await result()).toBe(17);
    expect(seen[0]).toMatchObject({ ended: true, count: 17 });
  });

  it.each([
    { what: 'the code of an error', error: conflict(), outcome: 'ERR_SESSION_CONFLICT' },
    { what: 'the cause of an outage', error: new SessionStoreError('load', '57P01'), outcome: '57P01' },
    { what: 'the class of an error without a code', error: new RangeError('secret'), outcome: 'RangeError' },
  ])('ends a step with $what, and passes the error on', async ({ error, outcome }) => {
    const later = run(() => Promise.reject(error));
    await expect(later.result()).rejects.toBe(error);
    const atOnce = run(() => {
      throw error;
    });
    expect(atOnce.result).toThrow(error);
    for (const { seen } of [later, atOnce]) expect(seen[0]).toMatchObject({ ended: true, outcome });
  });
});

/** The promises that an operation of a store makes in its health. */
async function promisesOf(health: StoreHealth): Promise<number> {
  let made = 0;
  const hook = createHook({ init: (_, type) => void (type === 'PROMISE' && made++) });
  const answer = Promise.resolve(undefined);
  hook.enable();
  const watched = health.watch('load', () => answer);
  hook.disable();
  await watched;
  return made;
}

describe('StoreHealth with probes', () => {
  it('makes no promise more while nobody watches, before and after', async () => {
    const events = new SessionEvents();
    const probes = new SessionProbes('default');
    const bare = await promisesOf(new StoreHealth('default', events, 5000));
    const health = new StoreHealth('default', events, 5000, probes);
    expect(await promisesOf(health)).toBe(bare);
    const detach = probes.add(new RecordingProbe());
    expect(await promisesOf(health)).toBeGreaterThan(bare);
    detach();
    expect(await promisesOf(health)).toBe(bare);
  });

  it('tells loads and prunes from other operations, with what failed', async () => {
    const probes = new SessionProbes('default');
    const probe = new RecordingProbe();
    probes.add(probe);
    const health = new StoreHealth('default', new SessionEvents(), 5000, probes);
    await health.watch('load', () => Promise.resolve('row'));
    await health.observe('prune', () => Promise.resolve(12));
    const refused = Object.assign(new Error('private'), { code: 'ECONNREFUSED' });
    await health.watch('replace', () => Promise.reject(refused)).catch(() => undefined);
    expect(probe.steps).toEqual([
      { step: 'load', session: 'default', ended: true, outcome: undefined, count: undefined },
      { step: 'prune', session: 'default', ended: true, outcome: undefined, count: 12 },
      { step: 'store replace', session: 'default', ended: true, outcome: 'ECONNREFUSED', count: undefined },
    ]);
  });

  it('shows no probe what is asked unprobed, and knows by it whether the store is down', async () => {
    const [probes, events] = [new SessionProbes('default'), new SessionEvents()];
    const probe = new RecordingProbe();
    probes.add(probe);
    const seen: string[] = [];
    for (const name of ['storeDown', 'storeUp'] as const) events.on(name, () => seen.push(name));
    const health = new StoreHealth('default', events, 5000, probes);
    const unprobed = health.unprobed();
    await unprobed.watch('load', failing('ECONNREFUSED')).catch(() => undefined);
    await health.watch('load', failing('ECONNREFUSED')).catch(() => undefined);
    expect([health.isDown, unprobed.isDown, seen]).toEqual([true, true, ['storeDown']]);
    await unprobed.watch('load', () => Promise.resolve('row'));
    expect([health.isDown, seen]).toEqual([false, ['storeDown', 'storeUp']]);
    expect(probe.take()).toEqual(['load']);
  });

  it('waits at its end for what is asked unprobed', async () => {
    const health = new StoreHealth('default', new SessionEvents(), 60_000);
    let answer: () => void = () => undefined;
    void health.unprobed().watch('load', () => new Promise<void>((resolve) => (answer = resolve)));
    let isDrained = false;
    const drained = health.drain().then(() => (isDrained = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isDrained).toBe(false);
    answer();
    expect(await drained).toBe(true);
  });
});
