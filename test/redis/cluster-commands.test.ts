import { once, type EventEmitter } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieStore } from 'nestjs-session-crypto';
import { redisKeyStore, redisRevocation, redisStore } from 'nestjs-session-crypto/redis';
import { cleanUp } from '../support/cleanup.js';
import { command } from '../support/command.js';
import { convertInto, newApplication, sessionOf, whoIs } from '../support/convert-command.js';
import { keyCommandStories } from '../support/key-commands.js';
import { CLUSTER, runCluster, runRedis, SINGLE, type Connected } from '../support/redis-clients.js';
import { ScriptApp } from '../support/script-app.js';
import { sessionCommandStories } from '../support/session-commands.js';
import { storedStories } from '../unit/cli/cookie/support/stored-stories.js';

/** The commands of a client of `redis`. */
const bound = (client: object) => ({
  sendCommand: (args: string[]) =>
    (client as { sendCommand(args: string[]): Promise<unknown> }).sendCommand(args),
});

let cluster: Awaited<ReturnType<typeof runCluster>>;
beforeAll(async () => {
  cluster = await runCluster();
});
afterAll(() => cluster.stop());

describe.each(['redis 6', 'ioredis 6'])('session-crypto, over a Redis Cluster through %s', (kind) => {
  let connected: Connected;
  beforeAll(async () => {
    connected = await CLUSTER[kind]!(cluster.ports);
  });
  afterAll(() => connected.close());
  const store = () => redisStore({ client: connected.client });

  sessionCommandStories(async () => store);
  keyCommandStories(() => ({
    store: redisStore({ client: connected.client, prefix: `of ${kind}:` }),
    keys: redisKeyStore({ client: connected.client, prefix: `keys of ${kind}:` }),
  }));
  if (kind === 'redis 6') storedStories('redis', () => ({ store: store() }));

  it('has nothing to prune and no table to make, and is well', async () => {
    const options = { store: store() };
    expect(await command(['sessions', 'prune'], options)).toMatchObject({ status: 0, err: '' });
    expect(await command(['migrate'], options)).toMatchObject({ status: 0, err: '' });
    const revocation = redisRevocation({ client: connected.client });
    for (const given of [options, { store: cookieStore({ revocation }) }]) {
      const { out } = await command(['doctor', '--health', '--json'], given);
      const { rows } = JSON.parse(out) as { rows: { setting: string; verdict: string }[] };
      const health = rows.filter(({ setting }) => setting.startsWith('health'));
      expect(health.map(({ verdict }) => verdict)).toEqual(health.map(() => 'ok'));
    }
  });

  it('reads and ends the sessions of all servers', async () => {
    const all = { store: redisStore({ client: connected.client, prefix: `all of ${kind}:` }) };
    const app = await ScriptApp.start({ ...all, prune: { interval: 0 } });
    for (let i = 0; i < 30; i++) await app.client().run((session) => session.login('ada'));
    expect((await command(['sessions', 'count'], all)).out).toBe('30\n');
    expect((await command(['keys', 'check'], all)).out).toMatch(/ seals +30 /);
    expect((await command(['sessions', 'revoke-subject', 'ada'], all)).out).toBe('30 sessions ended\n');
  });

  it('is a place for converted sessions, and finds those that have ended', async () => {
    const old = await runRedis();
    cleanUp(() => old.stop());
    process.env['OLD_OF_CLUSTER'] = `redis://127.0.0.1:${old.port}`;
    const { client, close } = await SINGLE['redis 6']!(old.port);
    cleanUp(close);
    const { sendCommand } = bound(client);
    for (let i = 0; i < 30; i++)
      await sendCommand(['SET', `sess:${i}`, JSON.stringify(sessionOf('ada', { i }))]);
    const target = redisStore({ client: connected.client, prefix: `converted of ${kind}:` });
    const run = async () => {
      const from = ['--from', 'connect-redis', '--url-env', 'OLD_OF_CLUSTER', '--write', '--json'];
      return JSON.parse((await convertInto(target, from)).out) as object;
    };
    expect(await run()).toMatchObject({ converted: 30, ended: 0 });
    await sendCommand(['DEL', 'sess:7']);
    expect(await run()).toMatchObject({ present: 29, ended: 1 });
    const visitor = await newApplication(target);
    expect([await whoIs(visitor('8')), await whoIs(visitor('7'))]).toMatchObject([
      ['ada', { i: 8 }],
      [null, {}],
    ]);
  });

  it('refuses a client of one of its servers, whatever keys that server has', async () => {
    for (const port of cluster.ports) {
      const single = await SINGLE[kind]!(port);
      const { status, out, err } = await command(['sessions', 'count'], {
        store: redisStore({ client: single.client }),
      });
      expect([status, out, err]).toEqual([
        78,
        '',
        expect.stringMatching(
          /^session-crypto: store\.client: is a client of one server, .* createCluster\(\)/,
        ),
      ]);
      single.close();
    }
  });
});

describe.each(['redis 6', 'ioredis 6'])('a Redis Cluster with a server away, through %s', (kind) => {
  it('gives no part of the sessions for all, and does not wait longer than for any other answer', async () => {
    const own = await runCluster();
    cleanUp(() => own.stop());
    const { client, close } = await CLUSTER[kind]!(own.ports);
    cleanUp(close);
    const session = { commitTimeout: 1, onStoreDownAtStart: 'wait' as const }; // a new Cluster needs two seconds
    const store = redisStore({ client });
    const { sessions } = await ScriptApp.start({ store, session, prune: { interval: 0 } });
    const server = own.nodes[1]!;
    server.pause();
    const late = { code: 'ERR_SESSION_STORE', reason: 'timeout' };
    await expect(sessions.count()).rejects.toMatchObject(late);
    server.resume();
    expect(await sessions.count()).toBe(0);
    const gone = kind === 'redis 6' || once(client as EventEmitter, '-node');
    await server.stop();
    await gone;
    for (const asked of [sessions.count(), sessions.reseal(), sessions.revokeAll()])
      await expect(asked).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' });
  });
});
