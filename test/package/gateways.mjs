#!/usr/bin/env node
// The packed package in applications with gateways (ws, socket.io) and GraphQL (Apollo, Mercurius), which our own
// node_modules do not have. Installs into a temporary folder, so it is run by CI and not by `npm test`.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'session-crypto-gateways-'));
const run = (program, args, options) =>
  execFileSync(program, args, { cwd: folder, stdio: 'inherit', ...options });

try {
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  cpSync(join(root, 'test/package/gateways'), folder, { recursive: true });
  const quiet = ['--no-fund', '--no-audit', '--loglevel=error'];
  run('npm', ['install', ...quiet, `./${tarball}`, 'typescript@5', '@types/node@24', '@types/ws@8']);
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']);
  run(process.execPath, ['--test', '--test-reporter=dot', 'dist/gateways.test.js']);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
