// Ten minutes of a new user: an application as `nest new` makes it, and then what README.md and docs/passport.md say, word for
// word. Two words differ, since npm does not have the package of this commit: `npm install` gets the tarball, and `nest add`
// installs nothing.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, install, run, serve, Visitor } from '../application.mjs';
import { commandsOf, fileOf, inlineOf } from './page.mjs';

const README = 'README.md';
const PASSPORT = 'docs/passport.md';

/** Makes an application by the `nest` of a folder, and returns where it is. Nothing is installed yet. */
export function nestNew(tools, folder, name) {
  const nest = join(tools, 'node_modules/@nestjs/cli/bin/nest.js');
  run('node', [nest, 'new', name, '--package-manager', 'npm', '--skip-install'], { cwd: folder });
  return join(folder, name);
}

/** Runs a command of a page in the application. */
function type(app, command, tarball) {
  const real = command
    .replace(/^(npm install) nestjs-session-crypto$/, `$1 ${tarball}`)
    .replace(/^npx nest add .*/, '$& --skip-install');
  return run('sh', ['-c', real], { cwd: app });
}

const copy = (app, page, name) => writeFileSync(join(app, name), fileOf(page, name));

/** Starts the application, visits it and stops it. */
async function visit(app, command, env, work) {
  const { url, stop } = await serve(app, command, env);
  await work(new Visitor(url)).finally(stop);
}

/** `npm install`, `npx nest add`, `npm start`. */
async function threeCommands(app, tarball) {
  const [add, insert, start, ...more] = commandsOf(README, 'Quick start');
  assert.deepEqual(more, []);
  type(app, add, tarball);
  assert.match(type(app, insert, tarball), /Left to do:/);
  await visit(app, start, {}, async (visitor) => {
    assert.deepEqual(await visitor.get('/'), { status: 200, text: 'Hello World!' });
  });
  done('three commands of the README');
}

async function aSession(app) {
  copy(app, README, 'src/app.controller.ts');
  await visit(app, 'npm start', {}, async (visitor) => {
    for (const count of [1, 2]) assert.equal((await visitor.get('/')).text, `You were here ${count} times`);
    assert.equal((await visitor.get('/account')).status, 401);
    assert.equal((await visitor.post('/login')).status, 201);
    assert.deepEqual(await visitor.get('/account'), { status: 200, text: 'ada' });
    await visitor.post('/logout');
    assert.equal((await visitor.get('/account')).status, 401);
  });
  done('a session, a login, a logout');
}

function aTest(app) {
  copy(app, README, 'src/app.controller.spec.ts');
  run('npm', ['test', '--silent'], { cwd: app, env: { ...process.env, CI: 'true' } });
  done('a test with ./testing, in the runner of `nest new`');
}

/** The old secret opens until it is dropped. Then the cookie that was sealed anew still opens, and the old one does not. */
async function aRotation(app) {
  const file = join(app, 'src/app.module.ts');
  const module = readFileSync(file, 'utf8');
  const [old] = /(?<=secrets: \[).+(?=\])/.exec(module);
  const lists = inlineOf(README, 'Rotate a key in three steps', 'secrets: [');
  assert.deepEqual(lists, ['secrets: [old, new]', 'secrets: [new, old]', 'secrets: [new]']);
  const env = { NEW_SECRET: type(app, 'npx nestjs-session-crypto secret').trim() };
  const visitor = new Visitor('');
  let first;
  for (const list of lists) {
    const secrets = list.replace('old', old).replace('new', 'process.env.NEW_SECRET');
    writeFileSync(file, module.replace(`secrets: [${old}]`, secrets));
    await visit(app, 'npm start', env, async ({ url }) => {
      visitor.url = url;
      if (!first) await visitor.post('/login');
      first ??= visitor.cookie;
      assert.equal((await visitor.get('/account')).text, 'ada', list);
      const headers = { cookie: first };
      const { status } = await fetch(`${url}/account`, { headers });
      assert.equal(status, list === 'secrets: [new]' ? 401 : 200, list);
    });
  }
  assert.notEqual(visitor.cookie, first);
  done('a key rotated; the old cookie opened until it was dropped');
}

async function passportLogin(app) {
  for (const command of commandsOf(PASSPORT, 'Install')) type(app, command);
  copy(app, PASSPORT, 'src/app.module.ts');
  const start = inlineOf(README, 'Quick start', 'SESSION_SECRET=');
  assert.equal(start.length, 1);
  await visit(app, start[0], {}, async (visitor) => {
    assert.equal((await visitor.get('/account')).status, 401);
    const form = { username: 'grace', password: 'nanoseconds' };
    assert.equal((await visitor.post('/login', form)).text, '{"id":"grace"}');
    assert.deepEqual(await visitor.get('/account'), { status: 200, text: 'grace' });
    const { cookie } = visitor;
    await visitor.post('/logout');
    assert.equal((await visitor.get('/account')).status, 401, cookie);
  });
  done('a login by Passport');
}

/** Makes the application in `folder` and returns it. */
export async function tenMinutes(tools, folder, tarball) {
  const app = nestNew(tools, folder, 'shop');
  install(app);
  done('nest new');
  await threeCommands(app, tarball);
  await aSession(app);
  aTest(app);
  await aRotation(app);
  await passportLogin(app);
  return app;
}
