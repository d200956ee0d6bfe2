import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';
import { Visitor } from '../support/visitor.js';

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
});

describe.skipIf(!onServer)('two processes that both hold the session before either saves', () => {
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterEach(() => Promise.all(children.splice(0).map(stop)));
  afterAll(() => database.close());

  it('keep what both have changed', async () => {
    expect(await savedInTurn({})).toEqual({ n: 2, first: 1, second: 1 });
  });

  it('lose the first change where the version guard is taken out, so these tests can see a loss', async () => {
    expect(await savedInTurn({ UNGUARDED: '1' })).toEqual({ n: 1, second: 1 });
  });
});

/** Both load, then the first saves, then the second: what the session holds in the end. */
async function savedInTurn(environment: Record<string, string>): Promise<unknown> {
  const urls = await Promise.all([start(environment), start(environment)]);
  const client = new Visitor(urls[0]!);
  await client.get('/begin');
  const held = children.map((child) => once(child, 'message'));
  const answers = ['first', 'second'].map((key, i) => client.copy(urls[i]).get(`/held/${key}`));
  await Promise.all(held);
  for (const [i, answer] of answers.entries()) {
    children[i]!.send('go on');
    expect((await answer).status).toBe(200);
  }
  return (await client.get('/all')).body;
}

async function lostOf(urls: readonly string[]) {
  const client = new Visitor(urls[0]!);
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
