#!/usr/bin/env node
// Runs the tests that need a real Apache httpd, and a PostgreSQL for its mod_session_dbd: one of our own, or the one
// that TEST_DATABASE_URL names. The tests start httpd themselves.
import { spawnSync } from 'node:child_process';
import { findHttpd, freePort, PACKAGES } from './support/httpd.mjs';
import { startPostgres } from './support/postgres.mjs';

if (!findHttpd()) {
  console.error(`Apache httpd is not installed: apt-get install ${PACKAGES}`);
  process.exit(1);
}
const server = process.env.TEST_DATABASE_URL
  ? { url: process.env.TEST_DATABASE_URL, stop() {} }
  : startPostgres(await freePort());
try {
  const selection = process.argv.slice(2);
  const { status } = spawnSync(
    'npx',
    ['vitest', 'run', ...(selection.length ? selection : ['test/apache'])],
    {
      stdio: 'inherit',
      env: { ...process.env, APACHE_LIVE: '1', TEST_DATABASE_URL: server.url },
    },
  );
  process.exitCode = status ?? 1;
} finally {
  server.stop();
}
