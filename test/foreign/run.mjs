#!/usr/bin/env node
// Runs the own tests of other packages with our parts in their place: npm run test:foreign -- DIR…. Each DIR is a clone of the
// public repository of express-session or @fastify/session. Nothing of it is committed: it is copied into a temporary folder,
// and only there a file is replaced. Needs Debian's postgresql for the parts in Postgres.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { database } from '../../bench/http/lib/pg.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');

/** What stands in the place of `file`, the list of the tests that cannot apply, and where the store is. */
const PARTS = {
  'express-session': [
    { title: 'over toExpressStore(memoryStore())', adapter: 'express-session-store' },
    { title: 'over toExpressStore(pgStore())', adapter: 'express-session-store', postgres: true },
    { title: 'with expressSession() in its place', adapter: 'express-session' },
  ],
  '@fastify/session': [
    { title: 'over toExpressStore(memoryStore())', adapter: 'fastify-session-store' },
    { title: 'over toExpressStore(pgStore())', adapter: 'fastify-session-store', postgres: true },
  ],
};
const RUNNERS = { 'express-session': runMocha, '@fastify/session': runNode };
/** The files that make the stores of the tests, or the middleware. */
const FILES = { 'express-session': ['index.js'], '@fastify/session': ['lib/store.js', 'test/TestStore.js'] };
/** What the tests load. The other development dependencies of a package are left out. */
const NEEDS = { 'express-session': [], '@fastify/session': ['@fastify/cookie@11', 'fastify@5'] };

const sources = process.argv.slice(2);
if (!sources.length || !sources.every(existsSync))
  throw new Error(
    'npm run test:foreign -- DIR…, where DIR is a clone of express-session or @fastify/session',
  );

const server = await database({ port: Number(process.env.TEST_PG_PORT ?? 18554) });
const folder = mkdtempSync(join(tmpdir(), 'session-crypto-foreign-'));
let failed = false;
try {
  for (const [i, source] of sources.entries()) runSuite(source, join(folder, String(i)));
} finally {
  rmSync(folder, { recursive: true, force: true });
  server.stop();
}
process.exitCode = failed ? 1 : 0;

function runSuite(source, copy) {
  const run = (program, ...args) => execFileSync(program, args, { cwd: copy, stdio: 'pipe' });
  if (existsSync(join(source, 'package.json'))) cpSync(source, copy, { recursive: true });
  else execFileSync('git', ['clone', '--quiet', source, copy]);
  const { name, version } = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8'));
  if (!(name in PARTS)) throw new Error(`${source} is ${name}; known are ${Object.keys(PARTS).join(', ')}`);
  if (!existsSync(join(copy, 'node_modules'))) {
    if (NEEDS[name].length) run('npm', 'pkg', 'delete', 'devDependencies');
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
    run('npm', 'install', ...quiet, ...NEEDS[name]);
  }
  const files = FILES[name].map((file) => join(copy, file));
  for (const file of files) renameSync(file, file.replace(/\w+\.js$/, 'original.js'));
  for (const part of PARTS[name].filter(({ title }) => title.includes(process.env.TEST_PART ?? ''))) {
    for (const file of files) writeFileSync(file, readFileSync(join(here, `${part.adapter}.cjs`), 'utf8'));
    const results = RUNNERS[name](copy, {
      ...process.env,
      OUR_PACKAGE: join(root, 'dist/esm/'),
      OUR_ADAPTERS: here,
      OUR_MODULES: join(root, 'node_modules'),
      DATABASE_URL: part.postgres ? server.url : '',
    });
    report(`${name} ${version} ${part.title}`, `${part.adapter}.json`, results);
  }
}

/** Returns the error of each test by title: '' for one that passes. */
function runMocha(copy, env) {
  run('sh', ['./test/support/gencert.sh'], copy, env);
  const args = ['mocha', '--require', 'test/support/env', '--check-leaks', '--exit', '--reporter', 'json'];
  if (process.env.TEST_PATIENCE) args.push('--timeout', process.env.TEST_PATIENCE);
  const said = run('npx', [...args, '--reporter-option', 'output=result.json', 'test/session.js'], copy, env);
  const file = join(copy, 'result.json');
  if (!existsSync(file)) throw new Error(`mocha gave no result:\n${said}`);
  const { tests } = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  return tests.map(({ fullTitle, err }) => [fullTitle, err.message ?? '']);
}

function runNode(copy, env) {
  const said = run(process.execPath, ['--test', '--test-reporter=tap'], copy, env);
  const results = [...said.matchAll(/^(not ok|ok) \d+ - (.*)$((?:\n(?!ok|not ok).*)*)/gm)].map(
    ([, state, title, detail]) => [
      title,
      state === 'ok' ? '' : (/error: (?:\|-\n\s*)?(.*)/.exec(detail)?.[1] ?? 'failed'),
    ],
  );
  if (!results.length) throw new Error(`node --test gave no result:\n${said}`);
  return results;
}

function run(program, args, cwd, env) {
  const { stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return stdout + stderr;
}

/** Compares the failures with the list of tests that cannot apply. */
function report(title, listName, results) {
  const list = JSON.parse(readFileSync(join(here, listName), 'utf8'));
  const failures = results.filter(([, error]) => error);
  const unexpected = failures.filter(([name]) => !(name in list));
  const known = new Set(failures.map(([name]) => name));
  const healed = Object.keys(list).filter((name) => !known.has(name));
  const listed = failures.length - unexpected.length;
  console.log(
    `${title}: ${results.length - failures.length} of ${results.length} pass, ${listed} are listed`,
  );
  for (const [name] of failures) if (name in list) console.log(`skipped: ${name}: ${list[name]}`);
  for (const [name, error] of unexpected) console.log(`fails: ${name}\n  ${error}`);
  for (const name of healed) console.log(`passes, or is gone, so remove it from the list: ${name}`);
  failed ||= unexpected.length > 0 || healed.length > 0;
}
