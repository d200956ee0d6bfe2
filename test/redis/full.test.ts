import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { redisStore, type RedisStore } from 'nestjs-session-crypto/redis';
import { createRow, freshRow, movedTo } from '../../lib/testing/store-contract/rows.js';
import { runRedis, SINGLE, type Connected, type RunningRedis } from '../support/redis-clients.js';

const FULL = { code: 'ERR_SESSION_STORE', reason: 'OOM' };

let server: RunningRedis;
let operator: Redis;
beforeAll(async () => {
  server = await runRedis('--save', '', '--maxmemory-policy', 'noeviction');
  operator = new Redis(server.port, '127.0.0.1');
});
afterAll(async () => {
  operator.disconnect();
  await server.stop();
});

describe.each(Object.keys(SINGLE))('a full server, behind %s', (kind) => {
  let connected: Connected;
  let store: RedisStore;
  beforeEach(async () => {
    connected = await SINGLE[kind]!(server.port);
    store = redisStore({ client: connected.client });
    await store.open(() => undefined, { timeout: 400 });
  });
  afterEach(async () => {
    await operator.config('SET', 'maxmemory', '0');
    await connected.close();
  });
  const fill = () => operator.config('SET', 'maxmemory', '1');

  it('takes no new row, and keeps nothing of one', async () => {
    const before = await operator.dbsize();
    await fill();
    await expect(createRow(store)).rejects.toMatchObject(FULL);
    await expect(createRow(store, { subject: 'ada' })).rejects.toMatchObject(FULL);
    expect(await operator.dbsize()).toBe(before);
  });

  it('takes no move, keeps nothing of one, and leaves the old row as it was', async () => {
    const row = await createRow(store, { subject: 'ada' });
    const before = await operator.dbsize();
    await fill();
    const next = freshRow(store, { subject: 'ada' });
    await expect(store.move!(row.key, 1, next, movedTo(store))).rejects.toMatchObject(FULL);
    expect(await operator.dbsize()).toBe(before);
    expect(await store.load(row.key)).toMatchObject({ state: 'live', version: 1 });
  });

  it('ends a session', async () => {
    const row = await createRow(store, { subject: 'ada' });
    await fill();
    expect(await store.destroy(row.key, row.deadline)).toBe(true);
    expect(await store.load(row.key)).toMatchObject({ state: 'ended' });
  });

  it('ends all sessions of a subject', async () => {
    const row = await createRow(store, { subject: 'bob' });
    await fill();
    expect(await store.destroySubject!('bob', row.deadline, undefined)).toBe(1);
    expect(await store.load(row.key)).toMatchObject({ state: 'ended' });
  });
});
