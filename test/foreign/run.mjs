#!/usr/bin/env node
// Runs the own tests of other packages with our parts in their place: npm run test:foreign -- DIR…. Each DIR is a clone of the
// public repository of express-session or @fastify/session. Nothing of it is committed: it is copied into a temporary folder,
// and only there a file is replaced. Needs Debian's postgresql and openssl.
//   TEST_PART=expressSession   only the parts whose title has this text
//   TEST_PATIENCE=10000        milliseconds that one test may take, for a loaded machine
//   TEST_PG_PORT=18554         the port of the PostgreSQL that is started
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
    {
      title: 'over toExpressStore(pgStore())',
      adapter: 'fastify-session-store',
      list: 'fastify-session-pg-store',
      postgres: true,
    },
  ],
};
const RUNNERS = { 'express-session': runMocha, '@fastify/session': runNode };
/** The files that make the stores of the tests, or the middleware. */
const FILES = { 'express-session': ['index.js'], '@fastify/session': ['lib/store.js', 'test/TestStore.js'] };
/** What the tests load, in the versions that the package asks for, or in these. Its other development dependencies are left out. */
const NEEDS = {
  'express-session': ['after', 'cookie-parser', 'express', 'mocha', 'supertest'],
  '@fastify/session': ['@fastify/cookie@11', 'fastify@5'],
};

const sources = process.argv.slice(2);
const missing = sources.filter((source) => !existsSync(source));
if (!sources.length || missing.length) {
  for (const source of missing) console.error(`${source}: no such folder`);
  console.error(
    'npm run test:foreign -- DIR…, where each DIR is a clone of expressjs/session or fastify/session from GitHub',
  );
  process.exit(2);
}

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
  const { name, version, devDependencies } = JSON.parse(readFileSync(join(copy, 'package.json'), 'utf8'));
  if (!(name in PARTS)) throw new Error(`${source} is ${name}; known are ${Object.keys(PARTS).join(', ')}`);
  if (!existsSync(join(copy, 'node_modules'))) {
    const needs = NEEDS[name].map((one) => (devDependencies[one] ? `${one}@${devDependencies[one]}` : one));
    run('npm', 'pkg', 'delete', 'devDependencies');
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
    run('npm', 'install', ...quiet, ...needs);
  }
  const files = FILES[name].map((file) => join(copy, file));
  // Node takes every file in the folder `test` for a test.
  for (const file of files)
    if (!file.includes('/test/')) renameSync(file, file.replace(/\w+\.js$/, 'original.js'));
  for (const part of PARTS[name].filter(({ title }) => title.includes(process.env.TEST_PART ?? ''))) {
    for (const file of files) writeFileSync(file, readFileSync(join(here, `${part.adapter}.cjs`), 'utf8'));
    const results = RUNNERS[name](copy, {
      ...process.env,
      OUR_PACKAGE: join(root, 'dist/esm/'),
      OUR_ADAPTERS: here,
      OUR_MODULES: join(root, 'node_modules'),
      DATABASE_URL: part.postgres ? server.url : '',
    });
    report(`${name} ${version} ${part.title}`, `${part.list ?? part.adapter}.json`, results);
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
  return numbered(tests.map(({ fullTitle, err }) => [fullTitle, err.message ?? '']));
}

function runNode(copy, env) {
  const said = run(process.execPath, ['--test', '--test-reporter=tap'], copy, env);
  const results = [...said.matchAll(/^ *(not ok|ok) \d+ - (.*)$((?:\n(?! *(?:ok|not ok) ).*)*)/gm)].map(
    ([, state, title, detail]) => [
      title,
      state === 'ok' ? '' : (/error: (?:\|-\n\s*)?(.*)/.exec(detail)?.[1] ?? 'failed'),
    ],
  );
  if (!results.length) throw new Error(`node --test gave no result:\n${said}`);
  return numbered(results);
}

/** Two tests may have one title. Each further one gets a number, so that the list can name it. */
function numbered(results) {
  const seen = new Map();
  return results.map(([title, error]) => {
    const count = (seen.get(title) ?? 0) + 1;
    seen.set(title, count);
    return [count === 1 ? title : `${title} (${count})`, error];
  });
}

function run(program, args, cwd, env) {
  const { stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return stdout + stderr;
}

/** Compares the failures with the list of tests that cannot apply. A reason that begins with `sometimes` is that of a test whose
 *  result depends on which of two events comes first. */
function report(title, listName, results) {
  const list = JSON.parse(readFileSync(join(here, listName), 'utf8'));
  const failures = results.filter(([, error]) => error);
  const unexpected = failures.filter(([name]) => !(name in list));
  const known = new Set(failures.map(([name]) => name));
  const healed = Object.keys(list).filter((name) => !known.has(name) && !list[name].startsWith('sometimes'));
  const listed = failures.length - unexpected.length;
  console.log(
    `${title}: ${results.length - failures.length} of ${results.length} pass, ${listed} are listed`,
  );
  for (const [name] of failures) if (name in list) console.log(`skipped: ${name}: ${list[name]}`);
  for (const [name, error] of unexpected) console.log(`fails: ${name}\n  ${error}`);
  for (const name of healed) console.log(`passes, or is gone, so remove it from the list: ${name}`);
  failed ||= unexpected.length > 0 || healed.length > 0;
}
