#!/usr/bin/env node
// Runs express-session's own tests with toExpressStore() as their store: npm run test:foreign -- DIR. DIR is a clone of its
// public repository. Nothing of it is committed: it is copied into a temporary folder, and only there its MemoryStore is ours.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const source = process.argv[2];
if (!source || !existsSync(source))
  throw new Error('npm run test:foreign -- DIR, where DIR is a clone of express-session');

const folder = mkdtempSync(join(tmpdir(), 'session-crypto-foreign-'));
const copy = join(folder, 'session');
const run = (program, args, cwd = copy) => execFileSync(program, args, { cwd, stdio: 'pipe' });

try {
  if (existsSync(join(source, 'package.json'))) cpSync(source, copy, { recursive: true });
  else run('git', ['clone', '--quiet', source, copy], folder);
  const { version } = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8'));
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']);
  run('sh', ['./test/support/gencert.sh']);
  renameSync(join(copy, 'index.js'), join(copy, 'original.js'));
  const adapter = readFileSync(join(here, 'express-session-store.cjs'), 'utf8');
  writeFileSync(join(copy, 'index.js'), adapter);
  process.exitCode = report(version, test());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The results of mocha by title. */
function test() {
  const args = ['mocha', '--require', 'test/support/env', '--check-leaks', '--exit', '--reporter', 'json'];
  const env = { ...process.env, OUR_PACKAGE: fileURLToPath(new URL('../../dist/esm/', import.meta.url)) };
  const { stdout, stderr } = spawnSync(
    'npx',
    [...args, '--reporter-option', 'output=result.json', 'test/session.js'],
    {
      cwd: copy,
      env,
      encoding: 'utf8',
    },
  );
  const file = join(copy, 'result.json');
  if (!existsSync(file)) throw new Error(`mocha gave no result:\n${stdout}\n${stderr}`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Compares the failures with the list of tests that cannot apply. Returns the exit status. */
function report(version, { tests, passes, failures }) {
  const list = JSON.parse(readFileSync(join(here, 'express-session-store.json'), 'utf8'));
  const unexpected = failures.filter(({ fullTitle }) => !(fullTitle in list));
  const known = new Set(failures.map(({ fullTitle }) => fullTitle));
  const healed = Object.keys(list).filter((title) => !known.has(title));
  const listed = failures.length - unexpected.length;
  console.log(
    `express-session ${version} over toExpressStore(memoryStore()): ${passes.length} of ${tests.length} pass, ${listed} are listed`,
  );
  for (const { fullTitle, err } of unexpected) console.log(`fails: ${fullTitle}\n  ${err.message}`);
  for (const title of healed) console.log(`passes, or is gone, so remove it from the list: ${title}`);
  return unexpected.length || healed.length ? 1 : 0;
}
