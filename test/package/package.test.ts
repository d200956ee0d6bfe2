import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate, hide, loadedBy, modulesIn, PACKAGE, root, run } from './support.js';

const CLI = PACKAGE.bin['session-crypto']!;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'session-crypto-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package, as it was built', () => {
  const loaded = loadedBy("await import('nestjs-session-crypto');");
  const modules = modulesIn(loaded);

  it('loads without TypeORM, pg, @nestjs/typeorm and @nestjs/config', () => {
    const [main, apache, typeorm] = evaluate<string[]>(`
      ${hide(['typeorm', 'pg', '@nestjs/typeorm', '@nestjs/config'])}
      const { SessionCryptoModule } = await import('nestjs-session-crypto');
      const { apache, dbdStore } = await import('nestjs-session-crypto/apache');
      const typeorm = await import('nestjs-session-crypto/typeorm').then(() => 'loaded', () => 'refused');
      console.log(JSON.stringify([typeof SessionCryptoModule.forRoot, typeof apache + typeof dbdStore, typeorm]));
    `);
    expect([main, apache, typeorm]).toEqual(['function', 'functionfunction', 'refused']);
  });

  it('loads few files', () => {
    expect(loaded).toContain('esm/index.js');
    expect(loaded.length).toBeLessThanOrEqual(20);
  });

  it('loads no store in a database, no dialect and no driver but that of OpenSSL', () => {
    const later =
      /^lib\/(apache|php|remember-me|express|health|dashboard|testing|cli|stores\/(typeorm|pg))\//;
    expect(modules).toContain('lib/crypto/drivers/openssl/openssl.driver.ts');
    expect(modules.filter((module) => later.test(module))).toEqual([]);
    // A row says what a driver takes, and is no part of it.
    const ofDrivers = /^lib\/crypto\/drivers\/(?!openssl\/).+(?<!driver-rows|\.row|-names)\.ts$/;
    expect(modules.filter((module) => ofDrivers.test(module))).toEqual([]);
  });

  it('loads a driver when it is chosen', () => {
    const sealer =
      "await createSealer({ secrets: ['raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE'], driver: 'webcrypto' })";
    const chosen = loadedBy(`const { createSealer } = await import('nestjs-session-crypto'); ${sealer};`);
    expect(modulesIn(chosen)).toContain('lib/crypto/drivers/webcrypto/webcrypto.driver.ts');
    expect(chosen.length).toBe(loaded.length + 1);
  });

  it('makes secrets that it accepts itself, a new one each time', () => {
    const secrets = [run(CLI, 'secret'), run(CLI, 'secret')];
    expect(secrets[0]).toMatch(/^raw:[A-Za-z0-9_-]{43}\n$/);
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  it('prints the SQL of a table, under any name', () => {
    const sql = run(CLI, 'schema', '--table', 'visits', '--schema', 'web');
    expect(sql).toContain('CREATE TABLE "web"."visits" (');
    expect(sql).toMatch(/CREATE INDEX "IDX_[0-9a-f]{26}" ON "web"\."visits" \("deadline"\);/);
    expect(run(CLI, 'schema', '--prefix', 'app_')).toContain('CREATE TABLE "app_session_crypto" (');
    expect(run(CLI, 'schema', '--down')).toBe('DROP TABLE "session_crypto";\n');
  });

  it('is a program in a clone of the repository', () => {
    // npx keeps where a program is, so it has to look anew.
    const env = { ...process.env, npm_config_cache: join(folder, 'npm') };
    const secret = execFileSync('npx', ['--no', 'session-crypto', 'secret'], {
      cwd: root,
      env,
      encoding: 'utf8',
    });
    expect(secret).toMatch(/^raw:/);
  });
});

describe('the tarball', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
  ) as { unpackedSize: number; files: { path: string; mode: number }[] }[];
  const paths = packed!.files.map(({ path }) => path);

  it('is small', () => {
    expect(paths.length).toBeLessThanOrEqual(120);
    expect(packed!.unpackedSize).toBeLessThanOrEqual(2_000_000);
  });

  it('holds the program, which can be run, and no sources, tests or maps', () => {
    const program = packed!.files.find(({ path }) => path === CLI.slice(2));
    expect(program!.mode & 0o111).toBe(0o111);
    expect(paths.filter((path) => /^(lib|test|sample-app|bench)\/|\.map$/.test(path))).toEqual([]);
  });
});
