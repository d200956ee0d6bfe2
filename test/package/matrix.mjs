#!/usr/bin/env node
// The packed package with Nest 11 and 12, Express and Fastify, Node 20 to 26, and TypeORM 0.3 and 1: npm installs it, its types
// fit, and sessions in a real PostgreSQL work. Beside packages that are too old for its own features npm installs it too,
// because an application with sessions in cookies does not use them. Installs into temporary folders.
//
//     npm run test:matrix                 all 32
//     npm run test:matrix -- corners      the oldest and the newest of each, as CI does: 16
//     npm run test:matrix -- nest@12 typeorm@1      those whose name has all these words
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { database } from '../../bench/http/lib/pg.mjs';
import { done, freePort, install, inTemporaryFolder, pack, root, run } from './application.mjs';
import { nodeOf } from './node-line.mjs';

const NESTS = [11, 12];
const TYPEORMS = ['0.3', '1'];
const NODES = [20, 22, 24, 26];
const CORNERS = [20, 26];

/** Packages that are too old for the features that need them. */
const OLD = ['typeorm@0.2', 'pg@8.5.1', 'libsodium-wrappers@0.7', 'parse5-sax-parser@7'];

const STRICT =
  '--strict --skipLibCheck --module nodenext --target es2023 --types node --rootDir . --outDir out --experimentalDecorators --emitDecoratorMetadata';

const wanted = process.argv.slice(2).filter((word) => word !== 'corners');
const nodes = process.argv.includes('corners') ? CORNERS : NODES;

/** Makes an application of a Nest beside some packages, and compiles its program. */
function make(folder, program, nest, packages, tarball) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "name": "matrix", "private": true, "type": "module" }');
  const own = ['core', 'common', 'platform-express', 'platform-fastify'].map(
    (name) => `@nestjs/${name}@${nest}`,
  );
  install(folder, ...own, 'reflect-metadata@0.2', 'rxjs@7', '@types/node@24', ...packages);
  install(folder, '--strict-peer-deps', tarball);
  cpSync(join(root, 'test/package/matrix', `${program}.ts`), join(folder, `${program}.ts`));
  run(
    process.execPath,
    [join(root, 'node_modules/typescript7/bin/tsc'), ...STRICT.split(' '), `${program}.ts`],
    { cwd: folder },
  );
  return (node, env) =>
    run(node, [`out/${program}.js`], { cwd: folder, env: { ...process.env, ...env }, timeout: 120_000 });
}

await inTemporaryFolder('matrix', async (folder) => {
  const tarball = pack(folder);
  const { url, stop } = await database({ port: await freePort() });
  try {
    for (const nest of NESTS) for (const typeorm of TYPEORMS) smoke(folder, tarball, nest, typeorm, url);
    if (!wanted.length) {
      make(join(folder, 'cookie-only'), 'cookie-only', 12, OLD, tarball)(process.execPath);
      done(`cookie-only beside ${OLD.join(', ')}`);
    }
  } finally {
    stop();
  }
});

function smoke(folder, tarball, nest, typeorm, url) {
  const name = `nest@${nest} typeorm@${typeorm}`;
  if (!wanted.every((word) => name.includes(word))) return;
  const packages = [`@nestjs/typeorm@${nest}`, `typeorm@${typeorm}`, 'pg@8'];
  const start = make(join(folder, name.replace(' ', '-')), 'main', nest, packages, tarball);
  done(`installed ${name}`);
  for (const node of nodes.map(nodeOf)) {
    const version = run(node, ['--version']).trim();
    for (const adapter of ['express', 'fastify']) {
      start(node, { ADAPTER: adapter, DATABASE_URL: url });
      done(`${name} ${adapter} Node ${version}`);
    }
  }
}
