#!/usr/bin/env node
// The packed package in applications of Nest 11 beside TypeORM 0.3 and 1: npm installs it, its types fit, and sessions in
// Postgres work. Beside packages that are too old for its own features npm installs it too, because an application with
// sessions in cookies does not use them. Installs into temporary folders, so it is run by CI and not by `npm test`.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const base = mkdtempSync(join(tmpdir(), 'session-crypto-typeorm-'));
const begun = Date.now();
const done = (what) => console.log(`${what} (${Math.round((Date.now() - begun) / 1000)} s)`);

/** What is installed before the package, and the program that then has to run. */
const APPLICATIONS = [
  ['main', '@nestjs/typeorm@11', 'typeorm@0.3', 'pg@8', '@electric-sql/pglite@0.5.8'],
  ['main', '@nestjs/typeorm@11', 'typeorm@1', 'pg@8', '@electric-sql/pglite@0.5.8'],
  ['cookie-only', 'typeorm@0.2', 'pg@8.5.1', 'libsodium-wrappers@0.7', 'parse5-sax-parser@7'],
];
const STRICT =
  '--strict --skipLibCheck --module nodenext --target es2023 --types node --outDir out --experimentalDecorators --emitDecoratorMetadata';

const install = (cwd, ...packages) =>
  execFileSync('npm', ['install', '--no-fund', '--no-audit', '--loglevel=error', ...packages], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });

function check(tarball, [program, ...packages], folder) {
  cpSync(join(root, 'test/package/typeorm-majors'), folder, { recursive: true });
  cpSync(join(root, 'sample-app/database/pglite-stream.ts'), join(folder, 'pglite-stream.ts'));
  install(folder, ...packages);
  install(folder, '--strict-peer-deps', tarball);
  const tsc = [join('node_modules/typescript/bin/tsc'), ...STRICT.split(' '), `${program}.ts`];
  execFileSync(process.execPath, tsc, { cwd: folder, stdio: 'inherit' });
  execFileSync(process.execPath, [`out/${program}.js`], { cwd: folder, stdio: 'inherit', timeout: 120_000 });
  done(`${program} beside ${packages.join(', ')}`);
}

try {
  execFileSync('npm', ['pack', '--loglevel=error', '--ignore-scripts', '--pack-destination', base], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const tarball = join(
    base,
    readdirSync(base).find((name) => name.endsWith('.tgz')),
  );
  const wanted = process.argv[2] ?? ''; // a part of a line above, or all
  for (const [i, one] of APPLICATIONS.entries())
    if (one.join(' ').includes(wanted)) check(tarball, one, join(base, String(i)));
} finally {
  rmSync(base, { recursive: true, force: true });
}
