import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'session-crypto-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a module of the built package in a process of its own. */
const run = (...args: string[]) =>
  execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });

/** The packages that a declaration file and all that it imports name. */
function packagesIn(file: string, seen: Set<string>, found = new Set<string>()): Set<string> {
  if (seen.has(file)) return found;
  seen.add(file);
  for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()["']([^"']+)["']/g)) {
    const isOurs = name!.startsWith('.');
    if (isOurs) packagesIn(join(dirname(file), name!.replace(/\.js$/, '.d.ts')), seen, found);
    else found.add(name!);
  }
  return found;
}

const { peerDependenciesMeta } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  peerDependenciesMeta: object;
};

describe('the package, as it was built', () => {
  it('loads without TypeORM, pg, @nestjs/typeorm and @nestjs/config', () => {
    const hook = join(folder, 'hook.mjs');
    writeFileSync(
      hook,
      `export async function resolve(name, context, next) {
         if (/^(typeorm|pg|@nestjs\\/typeorm|@nestjs\\/config)(\\/|$)/.test(name)) throw new Error('not installed: ' + name);
         return next(name, context);
       }`,
    );
    const register = `data:text/javascript,import{register}from'node:module';register(${JSON.stringify(pathToFileURL(hook).href)})`;
    const use =
      "import('nestjs-session-crypto').then((m) => console.log(typeof m.SessionCryptoModule.forRoot))";
    expect(run('--import', register, '--input-type=module', '-e', use).trim()).toBe('function');
    const apache =
      "import('nestjs-session-crypto/apache').then((m) => console.log(typeof m.apache, typeof m.dbdStore))";
    expect(run('--import', register, '--input-type=module', '-e', apache).trim()).toBe('function function');
    const typeorm =
      "import('nestjs-session-crypto/typeorm').then(() => 'loaded', () => 'refused').then(console.log)";
    expect(run('--import', register, '--input-type=module', '-e', typeorm).trim()).toBe('refused');
  });

  it.each(['index', 'apache/index', 'php/index', 'remember-me/index', 'testing/index'])(
    'has types in %s that need no optional package',
    (entry) => {
      const wanted = [...packagesIn(join(root, 'dist/lib', `${entry}.d.ts`), new Set())];
      const optional = Object.keys(peerDependenciesMeta);
      expect(wanted).not.toEqual([]);
      expect(wanted.filter((name) => optional.includes(name))).toEqual([]);
    },
  );

  it('can be required by CommonJS', () => {
    const use =
      "require('reflect-metadata'); console.log(typeof require('nestjs-session-crypto').SessionGuard)";
    expect(run('--input-type=commonjs', '-e', use).trim()).toBe('function');
  });

  it('makes secrets that it accepts itself, a new one each time', () => {
    const secrets = [run('dist/lib/cli/main.js', 'secret'), run('dist/lib/cli/main.js', 'secret')];
    expect(secrets[0]).toMatch(/^raw:[A-Za-z0-9_-]{43}\n$/);
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  it('prints the SQL of a table, under any name', () => {
    const sql = run('dist/lib/cli/main.js', 'schema', '--table', 'visits', '--schema', 'web');
    expect(sql).toContain('CREATE TABLE "web"."visits" (');
    expect(sql).toContain('CREATE INDEX "visits_deadline_idx"');
    expect(run('dist/lib/cli/main.js', 'schema', '--down')).toBe('DROP TABLE "session";\n');
  });
});
