#!/usr/bin/env node
// Runs the tests that share sessions with a real PHP, as pages by php-cgi and as programs by php-cli.
import { spawnSync } from 'node:child_process';
import { findPhp, hasPhpRedis, PACKAGES } from './support/find-php.mjs';

if (!findPhp() || !hasPhpRedis()) {
  console.error(`PHP is not installed, or without its sessions or php-redis: apt-get install ${PACKAGES}`);
  process.exit(1);
}
const selection = process.argv.slice(2);
const { status } = spawnSync('npx', ['vitest', 'run', ...(selection.length ? selection : ['test/php'])], {
  stdio: 'inherit',
  env: { ...process.env, PHP_LIVE: '1' },
});
process.exitCode = status ?? 1;
