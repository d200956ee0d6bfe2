import { randomBytes } from 'node:crypto';
import { Redis as Redis5 } from 'ioredis';
import { Redis } from 'ioredis6';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redisKeyStore, redisRevocation, redisStore, type RedisStore } from 'nestjs-session-crypto/redis';
import { cookieStore } from 'nestjs-session-crypto';
import { freshRow } from '../../lib/testing/store-contract/rows.js';
import { startWaiting, unusedPort } from '../support/late-start.js';
import { runRedis, SINGLE, type Connected, type RunningRedis } from '../support/redis-clients.js';
import { codes, reportingProcess, until } from '../support/reporting-process.js';
import { ScriptApp } from '../support/script-app.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Milliseconds of the time limit of a store. */
const LIMITS = { timeout: 400 };
const FAILED = { code: 'ERR_SESSION_STORE' };
const READONLY = { ...FAILED, reason: 'READONLY' };
const session = { commitTimeout: 1 };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const closed = (one: Connected): object => (closing.push(one.close), one.client);

async function start(...settings: string[]): Promise<RunningRedis> {
  const running = await runRedis('--save', '', ...settings);
  closing.push(() => running.stop());
  return running;
}

/** Sends the commands of the operator. */
function operatorOf({ port }: RunningRedis): Redis {
  const operator = new Redis(port, '127.0.0.1');
  operator.on('error', () => undefined);
  closing.push(() => operator.disconnect());
  return operator;
}

/** Makes the server a replica that does not hear from its primary, and leaves the connections as they are. */
const demote = async (operator: Redis) => operator.replicaof('127.0.0.1', await unusedPort());
const promote = (operator: Redis) => operator.replicaof('NO', 'ONE');

let server: RunningRedis;
let operator: Redis;
beforeEach(async () => {
  server = await start();
  operator = operatorOf(server);
});

describe.each(Object.keys(SINGLE))('a server that was made a replica, behind %s', (kind) => {
  let client: object;
  let store: RedisStore;
  beforeEach(async () => {
    client = closed(await SINGLE[kind]!(server.port));
    store = redisStore({ client });
    await store.open(() => undefined, LIMITS);
  });

  it('shows no session, since it may be one that has ended on the new primary', async () => {
    const row = freshRow(store, { subject: 'ada' });
    await store.create(row);
    await demote(operator);
    await expect(store.load(row.key)).rejects.toMatchObject(FAILED);
    await expect(store.load(row.key)).rejects.toMatchObject(READONLY);
    await expect(store.list('ada')).rejects.toMatchObject(READONLY);
    await expect(store.destroy(randomBytes(32), row.deadline)).rejects.toMatchObject(READONLY);
    await expect(store.replace({ ...row, key: randomBytes(32) }, 1)).rejects.toMatchObject(READONLY);
    await promote(operator);
    expect(await store.load(row.key)).toMatchObject({ state: 'live', version: 1 });
  });

  it('changes nothing', async () => {
    const row = freshRow(store, { subject: 'ada' });
    await store.create(row);
    await demote(operator);
    await expect(store.create(freshRow(store))).rejects.toMatchObject(FAILED);
    await expect(store.replace({ ...row, sealed: randomBytes(64) }, 1)).rejects.toMatchObject(READONLY);
    await expect(store.destroy(row.key, row.deadline)).rejects.toMatchObject(READONLY);
    await promote(operator);
    expect(await store.load(row.key)).toMatchObject({ state: 'live', version: 1, sealed: row.sealed });
  });

  it('is waited for by the first requests alone, and later ones fail at once', async () => {
    await demote(operator);
    const [key, began] = [randomBytes(32), performance.now()];
    await expect(store.load(key)).rejects.toMatchObject(FAILED);
    const waited = performance.now();
    for (let i = 0; i < 5; i++) await expect(store.load(key)).rejects.toMatchObject(READONLY);
    expect(performance.now() - waited).toBeLessThan(waited - began);
    await promote(operator);
    expect(await store.load(key)).toBe(undefined);
    await demote(operator);
    const again = store.load(key);
    await promote(operator);
    expect(await again).toBe(undefined);
  });

  it('is not scanned, though it may have no session at all', async () => {
    expect(await store.count()).toBe(0);
    await demote(operator);
    await expect(store.count()).rejects.toMatchObject(READONLY);
    await expect(store.scanAll().next()).rejects.toMatchObject(READONLY);
    await promote(operator);
    expect(await store.count()).toBe(0);
  });

  it('shows no keys of a ring', async () => {
    const keys = redisKeyStore({ client });
    await keys.open(() => undefined, LIMITS);
    expect((await keys.load('a')).rows).toEqual([]);
    await demote(operator);
    await expect(keys.load('a')).rejects.toMatchObject(FAILED);
    await expect(keys.load('a')).rejects.toMatchObject(READONLY);
    await promote(operator);
    expect((await keys.load('a')).rows).toEqual([]);
  });
});

describe('a write that Redis has done', () => {
  it('needs no proof that the server is a primary, and a read does', async () => {
    const store = redisStore({ client: closed(await SINGLE['redis 6']!(server.port)) });
    await store.open(() => undefined, LIMITS);
    const row = freshRow(store);
    const proofs = async () =>
      /cmdstat_hdel:calls=(\d+)/.exec(await operator.info('commandstats'))?.[1] ?? '0';
    await operator.config('RESETSTAT');
    await store.create(row);
    await store.replace({ ...row, sealed: randomBytes(64) }, 1);
    expect(await proofs()).toBe('0');
    await store.load(row.key);
    expect(await proofs()).toBe('1');
  });
});

describe('an application whose server is made a replica', () => {
  const APPS = {
    redisStore: (client: object) => redisStore({ client }),
    redisRevocation: (client: object) => cookieStore({ revocation: redisRevocation({ client }) }),
  };

  it.each(Object.entries(APPS))('answers 503 until it is a primary again, with %s', async (_, storeOf) => {
    const client = closed(await SINGLE['redis 6']!(server.port));
    const app = await ScriptApp.start({ store: storeOf(client), session, prune: { interval: 0 } });
    const [visitor, reader] = [app.client(), app.client()];
    await visitor.run((one) => one.login('ada'));
    await reader.run((one) => one.login('bob'));
    app.ahead = 60; // no answer about a revocation is remembered so long
    await demote(operator);
    expect((await reader.run((one) => one.subject)).status).toBe(503);
    expect((await visitor.run((one) => one.set('a', 1))).status).toBe(503);
    await promote(operator);
    expect(await reader.result((one) => one.subject)).toBe('bob');
    expect((await visitor.run((one) => one.set('a', 1))).status).toBe(201);
  });

  it('reports that the store is down, and why', async () => {
    const client = closed(await SINGLE['redis 6']!(server.port));
    const { report } = await reportingProcess({ store: redisStore({ client }), session });
    await report();
    await demote(operator);
    const health = await until(report, ({ store }) => store.stores[0]!.code === 'READONLY');
    expect([health.status, codes(health)]).toEqual(['down', ['store-down']]);
    await promote(operator);
    expect((await until(report, ({ status }) => status === 'up')).findings).toEqual([]);
  });
});

describe('a start with a replica', () => {
  it('waits by option, says why, and serves when the server has become a primary', async () => {
    await demote(operator);
    const client = closed(await SINGLE['redis 6']!(server.port));
    const app = startWaiting({ store: redisStore({ client }), session });
    await app.waits;
    await promote(operator);
    await app.started;
    expect(app.lines).toEqual([
      'The start waits for the session store: the server is a replica of Redis, which takes no logouts and shows old ' +
        'sessions; the client must connect to the primary (READONLY)',
    ]);
  });
});

describe('a client whose address leads to the new primary', () => {
  const RECONNECTING = { reconnectOnError: ({ message }: Error) => message.startsWith('READONLY') };

  it.each([
    ['ioredis 6', (port: number) => new Redis(port, '127.0.0.1', RECONNECTING)],
    ['ioredis 5', (port: number) => new Redis5(port, '127.0.0.1', RECONNECTING)],
  ])('finds it by reconnectOnError, by a read alone: %s', async (_, clientAt) => {
    const next = await start();
    const proxy = await TcpProxy.to(`redis://127.0.0.1:${server.port}`);
    const client = clientAt(proxy.port);
    closing.push(() => client.disconnect());
    const store = redisStore({ client });
    await store.open(() => undefined, LIMITS);
    const row = freshRow(store);
    await store.create(row);
    proxy.lead(`redis://127.0.0.1:${next.port}`);
    await demote(operator);
    let found: unknown = row;
    while (found) found = await store.load(row.key).catch(() => row);
    expect(await client.info('replication')).toContain('role:master');
  });

  it.each(Object.keys(SINGLE))('finds it when the operator cuts the connections: %s', async (kind) => {
    const next = await start();
    const proxy = await TcpProxy.to(`redis://127.0.0.1:${server.port}`);
    const store = redisStore({ client: closed(await SINGLE[kind]!(proxy.port)) });
    await store.open(() => undefined, LIMITS);
    const row = freshRow(store);
    await store.create(row);
    proxy.lead(`redis://127.0.0.1:${next.port}`);
    await demote(operator);
    await operator.call('CLIENT', 'KILL', 'TYPE', 'normal');
    let found: unknown = row;
    while (found) found = await store.load(row.key).catch(() => row);
    await store.create(row);
  });
});
