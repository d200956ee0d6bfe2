// `nest add nestjs-session-crypto` in real projects: it builds, starts, answers with a session, passes the test that
// `nest new` has made, and git undoes it. The projects stand below a folder that has the packages of all of them.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, install, run, serve, Visitor } from '../application.mjs';

/** What the projects of Nest 12 need beyond what `nest new` installs. */
const PACKAGES =
  '@nestjs/platform-fastify@12 @nestjs/config@12 @nestjs/typeorm@12 typeorm@1 pg@8 jest@30 ts-jest@29 @types/jest@30'.split(
    ' ',
  );

/** Puts something behind the imports of a source, and something else in place of a part. */
const edit = (file, lines, part, replacement) => {
  const source = readFileSync(file, 'utf8');
  assert.ok(source.includes(part), `${file} has no ${part}`);
  const end = source.lastIndexOf("';\n", source.search(/^(?:@|async )/m)) + 3;
  const changed = `${source.slice(0, end)}${lines}${source.slice(end)}`.replace(part, replacement);
  writeFileSync(file, changed);
};

const FASTIFY = (project) => {
  const adapter = "import { FastifyAdapter } from '@nestjs/platform-fastify';\n";
  edit(join(project, 'src/main.ts'), adapter, 'create(AppModule)', 'create(AppModule, new FastifyAdapter())');
};
const withModule = (lines, module) => (project) =>
  edit(join(project, 'src/app.module.ts'), lines, 'imports: [', `imports: [${module}`);
const CONFIG = (options) =>
  withModule("import { ConfigModule } from '@nestjs/config';\n", `ConfigModule.forRoot(${options})`);
const TYPEORM = (migrations) =>
  withModule(
    "import { TypeOrmModule } from '@nestjs/typeorm';\n",
    `TypeOrmModule.forRoot({ type: 'postgres', url: process.env.DATABASE_URL, migrationsRun: true, migrations: [${migrations}] })`,
  );

/** A project, how it is made, what is there before `nest add`, and what `nest add` gets. */
const PROJECTS = [
  { name: 'esm', kind: 'esm' },
  { name: 'esm-fastify', kind: 'esm', prepare: FASTIFY },
  { name: 'esm-config', kind: 'esm', prepare: CONFIG('') },
  { name: 'cjs', kind: 'cjs' },
  { name: 'cjs-config', kind: 'cjs', prepare: CONFIG("{ envFilePath: '.env.local' }") },
  {
    name: 'esm-typeorm',
    kind: 'esm',
    dependencies: ['@nestjs/typeorm'],
    prepare: TYPEORM("import.meta.dirname + '/migrations/*.js'"),
    options: ['--store', 'postgres'],
    migration: true,
  },
  {
    name: 'cjs-typeorm',
    kind: 'cjs',
    dependencies: ['@nestjs/typeorm'],
    prepare: TYPEORM("__dirname + '/migrations/*.js'"),
    options: ['--store=postgres'],
    migration: true,
  },
];

const git = (cwd, ...args) =>
  run('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], { cwd });

/** Makes a project as `nest new` does, without an installation, and commits it. `cjs` is the second answer to its question. */
function make(folder, { name, kind, dependencies = [], prepare }) {
  const cli = join(folder, '../node_modules/@angular-devkit/schematics-cli/bin/schematics.js');
  const options = [`--name=${name}`, '--language=ts', ...(kind ? [`--type=${kind}`] : [])];
  run('node', [cli, '@nestjs/schematics:application', ...options], { cwd: folder });
  const project = join(folder, name);
  const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  for (const one of dependencies) manifest.dependencies[one] = '*';
  writeFileSync(join(project, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(project, '.gitignore'), '/dist\n/node_modules\n*.tsbuildinfo\n.env\n');
  prepare?.(project);
  symlinkSync('../../node_modules', join(project, 'node_modules')); // the scripts name it
  git(project, 'init', '--quiet');
  git(project, 'add', '.');
  git(project, 'commit', '--quiet', '--message', 'nest new');
  return project;
}

/** Lets the handler of `nest new` count in the session. */
function useSession(project) {
  const imports = "import { CurrentSession, Session } from 'nestjs-session-crypto';\n";
  edit(
    join(project, 'src/app.controller.ts'),
    imports,
    'getHello(): string {',
    "getHello(@CurrentSession() session: Session): string {\n    session.increment('visits');",
  );
}

/** Checks one project from `nest add` to `git checkout`. `env` has what the environment of the project has. */
async function check(project, { name, options = [], migration = false }, env) {
  const command = ['nest', 'add', 'nestjs-session-crypto', '--skip-install', ...options];
  const printed = run('npx', command, { cwd: project });
  assert.match(printed, /Left to do:/, name);
  const created = /then delete what is new: (.+)$/m.exec(printed)[1].split(', ');
  assert.equal(created.length, migration ? 2 : 1, printed);
  useSession(project);
  run('npm', ['run', '--silent', 'build'], { cwd: project });
  const { url, stop } = await serve(project, 'npm run --silent start:prod', env);
  const visitor = new Visitor(url);
  try {
    for (let i = 0; i < 2; i++)
      assert.deepEqual(await visitor.get('/'), { status: 200, text: 'Hello World!' }, name);
    assert.match(visitor.cookie, /^sid=/, name);
  } finally {
    await stop();
  }
  const inTests = { ...process.env, CI: 'true', ...env };
  run('npm', ['run', '--silent', 'test:e2e'], { cwd: project, env: inTests });
  git(project, 'checkout', '--quiet', '.');
  for (const file of created) rmSync(join(project, file));
  assert.equal(git(project, 'status', '--porcelain'), '', `${name}: git does not undo it`);
  assert.ok(!existsSync(join(project, '.env')), `${name}: .env stays`);
  done(`nest add in ${name}`);
}

/** Checks projects of the Nest that a folder has installed, with the packed package. */
async function checkAll(folder, projects, env) {
  const below = join(folder, 'projects');
  mkdirSync(below, { recursive: true });
  for (const one of projects) await check(make(below, one), one, env);
}

/** Checks the projects of Nest 12, or those whose names have `wanted`, below an application that `nest new` has made and
 *  that has the packed package. */
export async function nestAdd(app, databaseUrl, wanted = '') {
  install(app, ...PACKAGES);
  done('installed what the projects need');
  const projects = PROJECTS.filter(({ name }) => name.includes(wanted));
  await checkAll(app, projects, { DATABASE_URL: databaseUrl });
}

/** Checks a project of Nest 11 in a folder that has its CLI. */
export const nestAddInNest11 = (folder) => checkAll(folder, [{ name: 'nest-11' }], {});
