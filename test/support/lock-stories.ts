import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { Visitor } from './visitor.js';

const PROGRAM = fileURLToPath(new URL('./lock-process.mjs', import.meta.url));

/** Requests at once. */
const WIDTH = 24;

interface Process {
  readonly child: ChildProcess;
  readonly url: string;
}

/** The tests of `@SessionLock()` with two processes whose sessions are in one store. `place` says where, as environment. */
export function lockStories(place: () => Record<string, string>): void {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  const start = async (platform: string): Promise<Process> => {
    const env = { ...process.env, ...place(), PLATFORM: platform };
    const child = fork(PROGRAM, { env, execArgv: [] });
    children.push(child);
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return { child, url: `http://127.0.0.1:${port}` };
  };
  const startTwo = () => Promise.all([start('express'), start('fastify')]);
  const post = (visitor: Visitor, path: string, { url }: Process) => visitor.copy(url).send('POST', path);
  const begun = async ({ url }: Process) => {
    const visitor = new Visitor(url);
    await visitor.send('POST', '/begin');
    return visitor;
  };

  it('runs one handler of a session at a time, over both processes', async () => {
    const two = await startTwo();
    const ada = await begun(two[0]);
    const requests = Array.from({ length: WIDTH }, (_, i) => post(ada, '/count', two[i % 2]!));
    expect((await Promise.all(requests)).map(({ status }) => status)).toEqual(Array(WIDTH).fill(201));
    expect((await post(ada, '/all', two[1])).body).toEqual({ n: WIDTH });
  });

  it('answers 423 in one process while a handler of the other has the lock', async () => {
    const [one, other] = await startTwo();
    const ada = await begun(one);
    const held = once(one.child, 'message');
    const holding = post(ada, '/hold', one);
    await held;
    expect((await post(ada, '/now', other)).status).toBe(423);
    one.child.send('go on');
    expect((await holding).status).toBe(201);
    expect((await post(ada, '/count', other)).status).toBe(201);
  });

  it('frees the lock of a process that was killed', async () => {
    const [one, other] = await startTwo();
    const ada = await begun(one);
    const held = once(one.child, 'message');
    const holding = post(ada, '/hold', one).catch(() => undefined);
    await held;
    const waiting = post(ada, '/count', other);
    one.child.kill('SIGKILL');
    await holding;
    expect((await waiting).status).toBe(201);
    expect((await post(ada, '/all', other)).body).toEqual({ n: 1 });
  });

  it('frees the lock of a process that stands still, and refuses what that one stores when it goes on', async () => {
    const [one, other] = await startTwo();
    const ada = await begun(one);
    const held = once(one.child, 'message');
    const holding = post(ada, '/hold', one);
    await held;
    one.child.kill('SIGSTOP');
    expect((await post(ada, '/count', other)).status).toBe(201);
    one.child.kill('SIGCONT');
    one.child.send('go on');
    expect((await holding).status).toBe(409);
    expect((await post(ada, '/all', other)).body).toEqual({ n: 1 });
  });
}
