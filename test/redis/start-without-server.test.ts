import { Redis } from 'ioredis6';
import { createClient } from 'redis6';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisStore } from 'nestjs-session-crypto/redis';
import { cleanUp } from '../support/cleanup.js';
import { startWaiting, unusedPort } from '../support/late-start.js';
import { runRedis, type RunningRedis } from '../support/redis-clients.js';
import { TcpProxy } from '../support/tcp-proxy.js';

let server: RunningRedis;
beforeAll(async () => {
  server = await runRedis('--appendonly', 'yes');
});
afterAll(() => server.stop());

const ignore = () => undefined;

/** Clients that connect by themselves as soon as there is a server. */
const CLIENTS = {
  'node-redis, without await': (url: string) => {
    const client = createClient({ url });
    client.on('error', ignore);
    client.connect().catch(ignore);
    cleanUp(() => client.destroy());
    return client;
  },
  ioredis: (url: string) => {
    const client = new Redis(url);
    client.on('error', ignore);
    cleanUp(() => client.disconnect());
    return client;
  },
};

const urlOf = (port: number) => `redis://127.0.0.1:${port}`;
const limits = { session: { commitTimeout: 1 } };

describe.each(Object.entries(CLIENTS))('a start without the server of Redis, %s', (_, clientAt) => {
  it('waits by option, says so in one line, and serves when the server has come', async () => {
    const port = await unusedPort();
    const app = startWaiting({ store: redisStore({ client: clientAt(urlOf(port)) }), ...limits });
    await app.waits;
    await TcpProxy.to(urlOf(server.port), port);
    await app.started;
    expect(app.lines).toHaveLength(1);
  });

  it('waits no longer when the application is closed', async () => {
    const client = clientAt(urlOf(await unusedPort()));
    const app = startWaiting({ store: redisStore({ client }), ...limits });
    await app.waits;
    const started = expect(app.started).rejects.toMatchObject({ reason: 'closed' });
    await app.close();
    await started;
  });
});
