import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { MonitoredStore } from '../../../lib/persistence/monitored.store.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';
import { StoreHealth } from '../../../lib/persistence/store-health.js';
import { MemoryStore } from '../../../lib/stores/memory.store.js';
import type { ReplaceResult, SessionRow, SessionStore } from '../../../lib/stores/session-store.interface.js';

type Change = Parameters<NonNullable<SessionStore['updateLocked']>>[1];

const lost = () => Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' });

/** A store in memory with a lock, whose connection breaks where the test says so. */
class LockingStore extends MemoryStore {
  breaks: 'before' | 'after' | undefined;
  /** What a create meets when its connection has broken. */
  meets: SessionRow | undefined;

  override async create(row: SessionRow): Promise<void> {
    if (this.breaks === 'after') await super.create(row);
    if (this.meets) await super.create(this.meets);
    this.meets = undefined;
    if (!this.breaks) return super.create(row);
    this.breaks = undefined;
    throw lost();
  }

  async updateLocked(key: Buffer, change: Change): Promise<ReplaceResult> {
    const current = await this.load(key);
    const changed = current && (await change(current));
    if (this.breaks === 'before') throw lost();
    const result = changed ? await this.replace(changed.row, current.version) : 'conflict';
    if (this.breaks === 'after') throw lost();
    return result;
  }
}

let store: LockingStore;
let events: SessionEvents;
let monitored: MonitoredStore;
const key = randomBytes(32);
const row = (sealed: string) => ({
  key,
  sealed: Buffer.from(sealed),
  subject: undefined,
  createdAt: new Date(),
  lastSeenAt: new Date(),
  deadline: new Date(Date.now() + 60_000),
});

beforeEach(async () => {
  store = new LockingStore();
  events = new SessionEvents();
  monitored = new MonitoredStore(store, new StoreHealth('default', events, 5000));
  await store.create(row('before'));
});

/** Updates the row under the lock. Resolves to the result, the number of calls, and what is stored then. */
async function update(): Promise<unknown[]> {
  let calls = 0;
  const change: Change = () => ({ row: row(`${++calls}`) });
  const result = await monitored.updateLocked!(key, change).catch(
    (error: { reason?: string }) => error.reason,
  );
  return [result, calls, (await store.load(key))!.sealed.toString()];
}

describe('a locked update', () => {
  it('counts once when its answer is lost', async () => {
    store.breaks = 'after';
    expect(await update()).toEqual(['saved', 1, '1']);
    expect(events.count('storeDown')).toBe(0);
  });

  it('is not repeated when it is lost, since it could come late', async () => {
    store.breaks = 'before';
    expect(await update()).toEqual(['outcome unknown', 1, 'before']);
  });

  it('throws what its change throws, which is no fault of the store', async () => {
    const fault = new Error('fault');
    const change = () => Promise.reject(fault);
    await expect(monitored.updateLocked!(key, change)).rejects.toBe(fault);
    expect(events.count('storeDown')).toBe(0);
  });
});

describe('a create whose answer is lost', () => {
  const other = randomBytes(32);
  const create = () =>
    monitored.create({ ...row('ours'), key: other }).then(
      () => 'created',
      (error: { reason?: string }) => error.reason,
    );
  const stored = async () => (await store.load(other))!.sealed.toString();

  it.each(['before', 'after'] as const)('counts when its connection breaks %s it is done', async (breaks) => {
    store.breaks = breaks;
    expect([await create(), await stored()]).toEqual(['created', 'ours']);
  });

  it('takes no row for its own that another process has created meanwhile', async () => {
    store.breaks = 'before';
    store.meets = { ...row('theirs'), key: other };
    expect([await create(), await stored()]).toEqual(['duplicate', 'theirs']);
    expect(events.count('storeDown')).toBe(0);
  });

  it('counts when the row has ended since', async () => {
    store.breaks = 'after';
    const { load } = store;
    store.load = async (wanted) => {
      await store.destroy(wanted, new Date(Date.now() + 60_000));
      return load.call(store, wanted);
    };
    expect(await create()).toBe('created');
  });
});
