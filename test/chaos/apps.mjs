// The application's processes.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('app.mjs', import.meta.url));

/** Starts one process; resolves when it serves. `onEnd` is called if it ends before {@link stop}. */
export async function startApp(environment, onEnd) {
  const child = fork(PROGRAM, {
    env: { ...process.env, ...environment, NODE_ENV: 'production' },
    execArgv: [],
  });
  let isStopping = false;
  child.on('exit', (code, signal) => isStopping || onEnd(`${environment.PLATFORM}: ${signal ?? code}`));
  const [{ port }] = await once(child, 'message');
  return {
    name: environment.PLATFORM,
    port,
    /** Resolves when a handler holds its session and waits for {@link goOn}. */
    held: () => once(child, 'message'),
    goOn: () => child.send('go on'),
    async stop() {
      isStopping = true;
      child.send('stop');
      await once(child, 'exit');
    },
  };
}
