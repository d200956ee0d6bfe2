#!/usr/bin/env node
// The packed package in applications with packages that our own node_modules do not have: `gateways/` (ws, socket.io, GraphQL,
// microservices) and `recipes/` (queues, timers, limits). Each application also compiles the blocks of docs/with-other-packages.md
// whose packages it has. Installs into temporary folders, so it is run by CI and not by `npm test`.
//
//     npm run test:gateways [-- gateways | recipes]
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, freePort, install, inTemporaryFolder, pack, root, run } from './application.mjs';

const folders = process.argv.length > 2 ? process.argv.slice(2) : ['gateways', 'recipes'];
const blocks = [
  ...readFileSync(join(root, 'docs/with-other-packages.md'), 'utf8').matchAll(
    /```ts\n\/\/ (\S+)\n([^]*?)```/g,
  ),
].map(([, name, code]) => ({ name, code }));
const compiled = new Set();

for (const name of folders)
  await inTemporaryFolder(name, async (folder) => {
    const redis = await startRedis(folder);
    await test(name, folder, redis.port).finally(redis.stop);
  });
const left = blocks.filter(({ name }) => !compiled.has(name));
if (process.argv.length === 2 && left.length)
  throw new Error(`no application compiles ${left.map(({ name }) => name).join(', ')}`);

async function test(name, folder, redisPort) {
  const tarball = pack(folder);
  cpSync(join(root, 'test/package', name), folder, { recursive: true });
  copyBlocks(folder);
  install(folder, tarball);
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], { cwd: folder });
  const tests = readdirSync(join(folder, 'dist')).filter((file) => file.endsWith('.test.js'));
  const options = ['--test', '--test-reporter=dot', '--test-timeout=120000', '--test-force-exit'];
  run(process.execPath, [...options, ...tests.map((file) => `dist/${file}`)], {
    cwd: folder,
    env: { ...process.env, REDIS_PORT: String(redisPort) },
  });
  done(`${name}: ${tests.length} files of tests`);
}

/** Copies the blocks of the docs whose packages the application has. */
function copyBlocks(folder) {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const has = (specifier) =>
    specifier === 'nestjs-session-crypto' || specifier.startsWith('node:') || specifier in dependencies;
  mkdirSync(join(folder, 'src/docs'));
  for (const { name, code } of blocks) {
    const specifiers = [...code.matchAll(/from '([^']+)'/g)].map(([, specifier]) => specifier);
    if (!specifiers.every(has)) continue;
    writeFileSync(join(folder, 'src/docs', name), code);
    compiled.add(name);
  }
}

/** Starts a Redis that keeps nothing, at a free port of this machine. */
async function startRedis(folder) {
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of child.stdout) if (String(line).includes('Ready to accept')) break;
  return { port, stop: () => child.kill() };
}
