import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisStore } from 'nestjs-session-crypto/redis';
import { ADAPTER_NAMES } from '../support/adapters.js';
import {
  CLUSTER,
  runCluster,
  runRedis,
  SINGLE,
  type Connected,
  type RunningRedis,
} from '../support/redis-clients.js';
import { ScriptApp } from '../support/script-app.js';

let single: RunningRedis;
let cluster: Awaited<ReturnType<typeof runCluster>>;
const clients: Record<string, Connected> = {};

beforeAll(async () => {
  single = await runRedis();
  cluster = await runCluster();
  clients['a single server'] = await SINGLE['redis 6']!(single.port);
  clients['a Cluster'] = await CLUSTER['ioredis 6']!(cluster.ports);
});
afterAll(async () => {
  for (const { close } of Object.values(clients)) await close();
  await Promise.all([single.stop(), cluster.stop()]);
});

const PLACES = ADAPTER_NAMES.flatMap((adapter) =>
  ['a single server', 'a Cluster'].map((place) => [adapter, place] as const),
);

describe.each(PLACES)('an application on %s with sessions in %s', (adapter, place) => {
  let app: ScriptApp;
  beforeAll(async () => {
    const store = redisStore({ client: clients[place]!.client, prefix: `${adapter}:` });
    app = await ScriptApp.start({ store, prune: { interval: 0 } }, adapter);
  });

  it('loses no change of twenty parallel requests', async () => {
    const client = app.client();
    await client.run((session) => session.set('n', 0));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.run((session) => session.increment('n'))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(await client.result((session) => session.get('n'))).toBe(20);
  });

  it('gives a new id at login, and makes every copy anonymous after logout', async () => {
    const client = app.client();
    await client.run((session) => session.set('cart', [1]));
    const before = client.copy();
    await client.run((session) => session.login('ada'));
    const copy = client.copy();
    expect(await copy.result((session) => [session.subject, session.get('cart')])).toEqual(['ada', [1]]);
    expect(await before.result((session) => session.subject ?? null)).toBe(null);
    await client.run((session) => session.logout());
    expect(await copy.result((session) => session.all())).toEqual({});
  });

  it('moves a session to another id, and leaves nothing under the old one', async () => {
    const client = app.client();
    await client.run((session) => session.set('a', 1));
    const before = client.copy();
    await client.run((session) => session.regenerate());
    expect(await client.result((session) => session.all())).toEqual({ a: 1 });
    expect(await before.result((session) => session.all())).toEqual({});
  });

  it('lists and revokes the sessions of a subject', async () => {
    const subject = `grace-${place}`;
    const clientsOfHers = [app.client(), app.client(), app.client()];
    for (const client of clientsOfHers) await client.run((session) => session.login(subject));
    const service = app.sessions;
    const listed = await service.list(subject);
    expect(listed).toHaveLength(3);
    const id = await clientsOfHers[0]!.result((session) => session.id);
    await service.revoke(id as string);
    expect(await clientsOfHers[0]!.result((session) => session.subject ?? null)).toBe(null);
    expect(await service.revokeSubject(subject)).toBe(2);
    expect(await clientsOfHers[1]!.result((session) => session.subject ?? null)).toBe(null);
    expect(await service.list(subject)).toEqual([]);
  });

  it('shows where each login came from, and ends the sessions of everybody', async () => {
    const subject = `ends-${place}`;
    const client = app.client();
    const headers = {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    };
    await client.run((session) => session.login(subject), { headers });
    expect(await app.sessions.list(subject)).toMatchObject([{ browser: 'Firefox', system: 'Linux' }]);
    expect(await app.sessions.revokeAll()).toBeGreaterThan(0);
    expect(await client.result((session) => session.subject ?? null)).toBe(null);
    await client.run((session) => session.login(subject));
    expect(await client.result((session) => session.subject ?? null)).toBe(subject);
  });

  it('counts and seals all sessions again', async () => {
    expect(await app.sessions.count()).toBeGreaterThan(0);
    expect(await app.sessions.reseal()).toBe(0);
  });
});
