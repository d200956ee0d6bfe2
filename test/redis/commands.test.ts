import { describe, expect, it } from 'vitest';
import { cookieStore } from 'nestjs-session-crypto';
import { redisKeyStore, redisRevocation, redisStore } from 'nestjs-session-crypto/redis';
import { command } from '../support/command.js';
import { keyCommandStories } from '../support/key-commands.js';
import { redisBeforeTests } from '../support/redis-before-tests.js';
import { runRedis, SINGLE } from '../support/redis-clients.js';
import { ScriptApp } from '../support/script-app.js';
import { sessionCommandStories } from '../support/session-commands.js';

describe.each(['redis 6', 'ioredis 6'])('session-crypto, over Redis through %s', (client) => {
  const redis = redisBeforeTests(client);

  sessionCommandStories(async () => () => redisStore({ client: redis.client }));

  keyCommandStories(() => ({
    store: redisStore({ client: redis.client }),
    keys: redisKeyStore({ client: redis.client }),
  }));

  it.each([
    ['sessions', () => redisStore({ client: redis.client })],
    ['the marks of cookies', () => cookieStore({ revocation: redisRevocation({ client: redis.client }) })],
  ])('leaves %s that have expired to Redis', async (_, store) => {
    const pruned = await command(['prune'], { store: store() });
    expect(pruned).toEqual({
      status: 0,
      out: 'nothing to do: the server of the store removes by itself what has expired\n',
      err: '',
    });
    const json = await command(['sessions', 'prune', '--json'], { store: store() });
    expect([json.status, JSON.parse(json.out)]).toEqual([0, { removed: 0 }]);
  });

  it('prunes at once, without an error, what Redis would remove later', async () => {
    const store = redisStore({ client: redis.client, prefix: 'exact:' });
    const app = await ScriptApp.start({ store, prune: { interval: 0 } });
    await app.client().run((session) => session.set('n', 1));
    expect([await app.sessions.prune(), await app.sessions.prune({ exact: true })]).toEqual([0, 0]);
    app.ahead = 1441;
    expect([await app.sessions.prune(), await app.sessions.prune({ exact: true })]).toEqual([0, 1]);
    expect(await app.sessions.count()).toBe(0);
  });

  it('has no table to make', async () => {
    const { status, out } = await command(['migrate'], { store: redisStore({ client: redis.client }) });
    expect([status, out]).toEqual([0, 'nothing to do: sessions in "redis" need no table\n']);
  });
});

describe('session-crypto, with a Redis that refuses', () => {
  it('ends with 77 for a user who may not use our commands, and changes nothing', async () => {
    const server = await runRedis();
    const connected = await SINGLE['ioredis 6']!(server.port);
    const client = connected.client as { call(...args: string[]): Promise<unknown> };
    await client.call('ACL', 'SETUSER', 'default', '-@scripting');
    const { status, out, err } = await command(['sessions', 'prune'], { store: redisStore({ client }) });
    expect([status, out, err]).toEqual([77, '', expect.stringContaining('(NOPERM)')]);
    connected.close();
    await server.stop();
  });

  it('ends with 69 or 75 where the server is gone', async () => {
    const server = await runRedis();
    const connected = await SINGLE['redis 6']!(server.port);
    await server.stop();
    const { status, out, err } = await command(['sessions', 'count'], {
      store: redisStore({ client: connected.client }),
    });
    expect([out, [69, 75]]).toEqual(['', expect.arrayContaining([status])]);
    expect(err).toMatch(/^session-crypto: the store failed in "\w+": .+ \(\w+\); /);
    connected.close();
  });
});
