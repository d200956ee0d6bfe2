// The server that keeps keys and sessions of the campaign with a managed ring.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyTableSql, createTableSql } from 'nestjs-session-crypto/pg';
import { ask, startServer } from './server.mjs';

/** Starts PostgreSQL with both tables, or Redis. */
export async function startStore(kind) {
  if (kind === 'redis') return startRedis();
  const server = await startServer();
  for (const sql of [...createTableSql(), ...createKeyTableSql()]) await ask(server.url, sql);
  return server;
}

async function startRedis() {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'session-crypto-redis-'));
  const args = [
    '--bind',
    '127.0.0.1',
    '--port',
    `${port}`,
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
  ];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const discard = () => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  };
  process.on('exit', discard);
  for await (const chunk of server.stdout) if (String(chunk).includes('eady to accept connections')) break;
  server.stdout.resume();
  return { url: `redis://127.0.0.1:${port}`, stop: async () => discard() };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .on('error', reject)
      .listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
  });
}
