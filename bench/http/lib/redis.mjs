// A Redis for the run on a port of its own, without persistence; `undefined` where there is no redis-server.
import { spawn, spawnSync } from 'node:child_process';
import { Conn } from './load.mjs';

const MISSING = 'redis-server is missing (apt-get install redis-server); connect-redis does not run';

export async function redis(port = Number(process.env.BENCH_REDIS_PORT ?? 18549)) {
  const version = /v=([\d.]+)/.exec(spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1];
  if (!version) return void console.error(MISSING);
  const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'].map(String);
  const child = spawn('redis-server', options, { stdio: 'ignore', cwd: '/' });
  process.once('exit', () => child.kill());
  await listening(port);
  return { url: `redis://127.0.0.1:${port}`, pid: child.pid, version, stop: () => child.kill() };
}

async function listening(port) {
  for (let tries = 0; tries < 100; tries++) {
    const connection = new Conn(port);
    const up = await connection.open().then(() => true, () => false);
    connection.close();
    if (up) return;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error(`redis-server does not listen on port ${port}`);
}
