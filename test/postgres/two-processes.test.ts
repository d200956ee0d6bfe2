import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { Client } from '../support/script-app.js';

const WIDTH = 20;
let database: TestDatabase;
const children: ChildProcess[] = [];

if (!onServer) console.log('test/postgres is left out: it needs a server, so run `npm run test:pg`');

describe.skipIf(!onServer)('twenty requests at once, each adding a key and counting', () => {
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterEach(() => Promise.all(children.splice(0).map(stop)));
  afterAll(() => database.close());

  it.each([
    ['one process', 1, 'express'],
    ['two processes', 2, 'express'],
    ['two processes', 2, 'fastify'],
  ] as const)('lose nothing on %s', async (_, processes, platform) => {
    const urls = await Promise.all(Array.from({ length: processes }, () => start({ PLATFORM: platform })));
    expect(await lostOf(urls)).toEqual({ keys: 0, counts: 0, failed: 0 });
  });

  it('lose updates without the version guard, so this test can see it', async () => {
    const urls = await Promise.all([start({ UNGUARDED: '1' }), start({ UNGUARDED: '1' })]);
    const { keys, counts } = await lostOf(urls);
    expect(keys + counts).toBeGreaterThan(0);
  });
});

async function lostOf(urls: readonly string[]) {
  const client = new Client(urls[0]!);
  await client.get('/begin');
  const twins = Array.from({ length: WIDTH }, (_, i) => client.copy(urls[i % urls.length]));
  const answers = await Promise.all(twins.map((twin, i) => twin.get(`/add/k${i}`)));
  const { n, ...rest } = (await client.get('/all')).body as Record<string, number>;
  return {
    keys: WIDTH - Object.keys(rest).length,
    counts: WIDTH - n!,
    failed: answers.filter(({ status }) => status !== 200).length,
  };
}

async function start(environment: Record<string, string>): Promise<string> {
  const env = {
    ...process.env,
    ...environment,
    TABLE: database.table,
    DATABASE_URL: process.env['TEST_DATABASE_URL'],
  };
  const child = fork(fileURLToPath(new URL('./app-process.mjs', import.meta.url)), { env, execArgv: [] });
  children.push(child);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return `http://127.0.0.1:${port}`;
}

async function stop(child: ChildProcess): Promise<void> {
  child.send('stop');
  await once(child, 'exit');
}
