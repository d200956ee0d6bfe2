import { describe, expect, it } from 'vitest';
import { SessionEvents } from '../../../lib/persistence/session-events.js';
import { StoreHealth } from '../../../lib/persistence/store-health.js';
import { ATTRIBUTES } from '../../../lib/telemetry/metric-names.js';
import { showStores } from '../../../lib/telemetry/show-stores.js';
import { Tally } from '../../../lib/telemetry/tally.js';
import { failing } from '../../support/running-manager.js';

const goDown = (health: StoreHealth) => health.watch('load', failing('ECONNREFUSED')).catch(() => undefined);
const comeUp = (health: StoreHealth) => health.watch('load', () => Promise.resolve());

describe('showStores', () => {
  const events = () => new SessionEvents();
  const shown = (up: Tally) => {
    const found: Record<string, number> = {};
    up.read((value, attributes) => (found[String(attributes[ATTRIBUTES.store])] = value));
    return found;
  };

  it('is 0 while any of several stores is down', async () => {
    const [all, up] = [events(), new Tally()];
    const stores = [new StoreHealth('default', all, 1000), new StoreHealth('default', all, 1000)] as const;
    showStores('default', all, up, stores);
    expect(shown(up)).toEqual({ sessions: 1 });
    for (const store of stores) await goDown(store);
    await comeUp(stores[1]);
    expect(shown(up)).toEqual({ sessions: 0 });
    await comeUp(stores[0]);
    expect(shown(up)).toEqual({ sessions: 1 });
  });

  it('tells the stores of sessions, revocations and remember-me apart', async () => {
    const [all, up] = [events(), new Tally()];
    const sessions = new StoreHealth('default', all, 1000);
    const revocations = new StoreHealth('default', all, 1000, undefined, 'revocations');
    const remember = new StoreHealth('default/remember-me', all, 1000, undefined, 'remember-me');
    showStores('default', all, up, [sessions, revocations]);
    await goDown(revocations);
    await goDown(remember);
    expect(shown(up)).toEqual({ sessions: 1, revocations: 0, 'remember-me': 0 });
    await comeUp(remember);
    expect(shown(up)).toEqual({ sessions: 1, revocations: 0, 'remember-me': 1 });
  });

  it('knows a store that was down before', async () => {
    const [all, up] = [events(), new Tally()];
    const store = new StoreHealth('default', all, 1000);
    await goDown(store);
    showStores('default', all, up, [store]);
    expect(shown(up)).toEqual({ sessions: 0 });
    await comeUp(store);
    expect(shown(up)).toEqual({ sessions: 1 });
  });

  it('stops when it is told to', async () => {
    const [all, up] = [events(), new Tally()];
    const store = new StoreHealth('default', all, 1000);
    showStores('default', all, up, [store])();
    await goDown(store);
    expect(shown(up)).toEqual({ sessions: 1 });
  });
});
