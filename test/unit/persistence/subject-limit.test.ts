import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../lib/stores/memory.store.js';
import type { SessionRow } from '../../../lib/stores/session-store.interface.js';
import { SubjectLimit, type SubjectLimitPolicy } from '../../../lib/persistence/subject-limit.js';

const MINUTE = 60_000;

/** A store, and the processes that share it. */
function setUp(policy: SubjectLimitPolicy, timeout = 2000) {
  const unusable = new Set<string>();
  const ends: number[] = [];
  const time = { ahead: 0 };
  const store = new MemoryStore({ now: () => new Date(Date.now() + time.ahead) });
  const process = () =>
    new SubjectLimit({
      store,
      policy,
      timeouts: { idleTimeout: 1440, absoluteTimeout: 28_800 },
      timeout,
      now: () => Math.floor(store.now().getTime() / 1000),
      isUsable: async ({ key }) => !unusable.has(key.toString('hex')),
      end: async ({ key }, until) => {
        ends.push(until);
        await store.destroy(key, new Date(Date.now() + time.ahead + MINUTE));
      },
    });
  return { store, time, process, unusable, ends };
}

const rowOf = (store: MemoryStore): SessionRow => ({
  key: randomBytes(32),
  sealed: randomBytes(80),
  subject: 'ada',
  createdAt: store.now(),
  lastSeenAt: store.now(),
  deadline: new Date(store.now().getTime() + 60 * MINUTE),
});

const logIn = async (limit: SubjectLimit, store: MemoryStore, row = rowOf(store)) => {
  await limit.enter('ada', { key: row.key }, () => store.create(row));
  return row;
};

describe('SubjectLimit', () => {
  it('counts a session that was let in and is not stored yet', async () => {
    const { store, process } = setUp({ limit: 1, whenFull: 'refuse' });
    let store1!: () => void;
    const row = rowOf(store);
    const first = process().enter('ada', { key: row.key }, () =>
      new Promise<void>((resolve) => (store1 = resolve)).then(() => store.create(row)),
    );
    await expect.poll(() => store1).toBeTypeOf('function');
    await expect(logIn(process(), store)).rejects.toMatchObject({
      code: 'ERR_SESSION_LIMIT',
      statusCode: 409,
    });
    store1();
    await first;
    expect(await store.list('ada')).toHaveLength(1);
  });

  it('gives the place of a session that was never stored to another, and not back to the first', async () => {
    const { store, time, process } = setUp({ limit: 1, whenFull: 'refuse' });
    let goOn!: () => void;
    const late = rowOf(store);
    const first = process().enter('ada', { key: late.key }, () =>
      new Promise<void>((resolve) => (goOn = resolve)).then(() => store.create(late)),
    );
    await expect.poll(() => goOn).toBeTypeOf('function');
    time.ahead = 4000;
    const row = await logIn(process(), store);
    goOn(); // a process that was held up comes back
    await expect(first).rejects.toMatchObject({ reason: 'duplicate' });
    expect((await store.list('ada')).map(({ key }) => key)).toEqual([row.key]);
  });

  it('ends the oldest session only as long as whoever logs in waits', async () => {
    const { store, process, ends } = setUp({ limit: 1, whenFull: 'endOldest' });
    await logIn(process(), store);
    const row = rowOf(store);
    const until = performance.now() + 1000;
    await process().enter('ada', { key: row.key, until }, () => store.create(row));
    expect(ends).toEqual([until]);
  });

  it('takes a place of which only half was taken when a process died', async () => {
    const { store, time, process } = setUp({ limit: 1, whenFull: 'refuse' });
    const late = rowOf(store);
    await process().enter('ada', { key: late.key }, async () => undefined);
    time.ahead = 4000;
    const { destroy } = store;
    store.destroy = () => Promise.reject(new Error('died'));
    await expect(logIn(process(), store)).rejects.toThrow('died');
    store.destroy = destroy;
    await logIn(process(), store);
    await expect(store.create(late)).rejects.toMatchObject({ reason: 'duplicate' });
  });

  it('forgets a session that has ended since it was let in', async () => {
    const { store, process } = setUp({ limit: 1, whenFull: 'refuse' });
    const row = await logIn(process(), store);
    await store.destroy(row.key, new Date(Date.now() + MINUTE));
    await logIn(process(), store);
    expect(await store.list('ada')).toHaveLength(1);
  });

  it('does not count the session that the login replaces', async () => {
    const { store, process } = setUp({ limit: 1, whenFull: 'refuse' });
    const row = await logIn(process(), store);
    const next = rowOf(store);
    const tombstone = { state: 'ended' as const, sealed: Buffer.alloc(0), deadline: row.deadline };
    await process().enter('ada', { key: next.key, replaced: row.key }, () =>
      store.move(row.key, 1, next, tombstone),
    );
    expect((await store.list('ada')).map(({ key }) => key)).toEqual([next.key]);
  });

  it.each(['refuse', 'endOldest'] as const)(
    'neither counts nor ends a session that nobody can use: %s',
    async (whenFull) => {
      const { store, process, unusable } = setUp({ limit: 1, whenFull });
      const dead = await logIn(process(), store);
      unusable.add(dead.key.toString('hex'));
      const row = await logIn(process(), store);
      const keys = (await store.list('ada')).map(({ key }) => key);
      expect(keys).toHaveLength(2);
      expect(keys).toEqual(expect.arrayContaining([dead.key, row.key]));
    },
  );

  it('counts anew when a session has moved since it was listed', async () => {
    const { store, process } = setUp({ limit: 1, whenFull: 'refuse' });
    const row = await logIn(process(), store);
    const next = rowOf(store);
    const { list } = store;
    store.list = async (subject) => {
      const listed = await list.call(store, subject);
      const tombstone = { state: 'moved' as const, sealed: Buffer.alloc(9), deadline: row.deadline };
      await store.move(row.key, 1, next, tombstone);
      return listed;
    };
    await expect(logIn(process(), store)).rejects.toMatchObject({ code: 'ERR_SESSION_LIMIT' });
  });

  it.each([
    ['refuse', 'ERR_SESSION_LIMIT', ['live', undefined]],
    ['endOldest', undefined, ['ended', 'live']],
  ] as const)(
    'counts a stored session that the list of its subject has lost: %s',
    async (whenFull, code, states) => {
      const { store, process } = setUp({ limit: 1, whenFull });
      const lost = await logIn(process(), store);
      const { list } = store;
      store.list = async (subject) =>
        (await list.call(store, subject)).filter(({ key }) => !key.equals(lost.key));
      const row = rowOf(store);
      const refusal = await logIn(process(), store, row).then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
      const found = await Promise.all([lost, row].map(({ key }) => store.load(key)));
      expect([refusal, found.map((one) => one?.state)]).toEqual([code, states]);
    },
  );

  it('lets a login wait for its turn in the process as long as for a place', async () => {
    const { store, process } = setUp({ limit: 1, whenFull: 'refuse' }, 5);
    const limit = process();
    let goOn!: () => void;
    const first = limit.enter('ada', { key: randomBytes(32) }, () => new Promise<void>((go) => (goOn = go)));
    await expect.poll(() => goOn).toBeTypeOf('function');
    const second = logIn(limit, store);
    const began = performance.now();
    while (performance.now() - began < 10); // longer than it may wait
    goOn();
    await first;
    await expect(second).rejects.toMatchObject({ reason: 'crowded' });
  });

  it('ends as many of the oldest sessions as there are too many', async () => {
    const { store, time, process } = setUp({ limit: 2, whenFull: 'endOldest' });
    const rows = [];
    for (let i = 0; i < 4; i++) {
      time.ahead = i * 1000;
      const row = rowOf(store);
      await store.create(row); // before there was a limit
      rows.push(row);
    }
    time.ahead = 9000;
    const last = await logIn(process(), store);
    expect((await store.list('ada')).map(({ key }) => key)).toEqual([last.key, rows[3]!.key]);
  });

  it.each(['refuse', 'endOldest'] as const)(
    'is never exceeded by twenty processes at once: %s',
    async (whenFull) => {
      const { store, process } = setUp({ limit: 3, whenFull });
      let most = 0;
      const { create } = store;
      store.create = async (row) => {
        await create.call(store, row);
        most = Math.max(most, (await store.list('ada')).length);
      };
      await Promise.allSettled(Array.from({ length: 20 }, () => logIn(process(), store)));
      expect([most, (await store.list('ada')).length]).toEqual([3, 3]);
    },
  );
});
