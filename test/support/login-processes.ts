import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SessionStore } from 'nestjs-session-crypto';
import { ask } from './ask.js';

const LOGINS = 50;

/** What became of fifty logins of one subject at once on two processes. */
export interface LoginsAtOnce {
  /** The most sessions that were alive at any moment that was looked at. */
  readonly most: number;
  /** Sessions that are alive in the end. */
  readonly left: number;
  /** Responses by their status. */
  readonly answers: Readonly<Record<number, number>>;
}

/** What a limit of five leaves of fifty logins, by what happens when it is reached. */
export const UNDER_A_LIMIT = [
  ['refuse', { most: 5, left: 5, answers: { 201: 5, 409: 45 } }],
  ['endOldest', { most: 5, left: 5, answers: { 201: 50 } }],
] as const;

/** Logs one subject in fifty times at once on two processes, whose store `environment` names, and counts in `store` meanwhile. */
export async function logInAtOnce(
  store: SessionStore,
  subject: string,
  environment: Readonly<Record<string, string>>,
): Promise<LoginsAtOnce> {
  const processes = await Promise.all([start(environment), start(environment)]);
  try {
    let most = 0;
    const over = new AbortController();
    const watch = async () => {
      while (!over.signal.aborted) most = Math.max(most, (await store.list!(subject)).length);
    };
    const watching = watch();
    const all = Array.from({ length: LOGINS }, (_, i) =>
      ask(`${processes[i % 2]!.url}/login/${subject}`, { method: 'POST' }),
    );
    const answers: Record<number, number> = {};
    for (const { status } of await Promise.all(all)) answers[status] = (answers[status] ?? 0) + 1;
    over.abort();
    await watching;
    return { most, left: (await store.list!(subject)).length, answers };
  } finally {
    await Promise.all(processes.map(({ child }) => stop(child)));
  }
}

async function start(environment: Readonly<Record<string, string>>) {
  const env = { ...process.env, ...environment };
  const child = fork(fileURLToPath(new URL('./login-process.mjs', import.meta.url)), { env, execArgv: [] });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, url: `http://127.0.0.1:${port}` };
}

async function stop(child: ChildProcess): Promise<void> {
  child.send('stop');
  await once(child, 'exit');
}
