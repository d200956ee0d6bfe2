#!/usr/bin/env node
// The packed package in an application of Nest 11, as `nest new` makes it: its types in every way that TypeScript finds
// them, CommonJS on both adapters, and Jest with ts-jest; on every Node that the package supports.
// Installs into a temporary folder, so it is run by CI and not by `npm test`.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeOf } from './node-line.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'session-crypto-nest11-'));
const NODES = [20, 22, 24];
const begun = Date.now();
const done = (what) => console.log(`${what} (${Math.round((Date.now() - begun) / 1000)} s)`);

const run = (program, args, options = {}) =>
  execFileSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], ...options });
const loud = { stdio: 'inherit' };
const install = (into, ...packages) =>
  run('npm', ['install', '--no-fund', '--no-audit', '--loglevel=error', ...packages], {
    cwd: into,
  });

const STRICT =
  '--strict --skipLibCheck false --declaration --outDir out --target es2023 --types node --esModuleInterop ' +
  '--experimentalDecorators --emitDecoratorMetadata';
const ONE = 'types/consumer.ts';
const BOTH = 'types/consumer.cts types/consumer.mts types/mixed.mts';

/** A compiler, what it compiles, and how it looks for types. */
const RESOLUTIONS = [
  ['typescript', ONE, '--module commonjs --moduleResolution node10'],
  ['typescript', BOTH, '--module node16'],
  ['typescript', BOTH, '--module nodenext'],
  ['typescript6', ONE, '--module esnext --moduleResolution bundler'],
  ['typescript6', BOTH, '--module node16'],
  ['typescript6', BOTH, '--module nodenext'],
  ['typescript7', ONE, '--module commonjs --moduleResolution bundler'],
  ['typescript7', BOTH, '--module node16'],
  ['typescript7', BOTH, '--module nodenext'],
];

function checkTypes(compiler, files, resolution) {
  const program = join('node_modules', compiler, 'bin/tsc');
  const options = compiler === 'typescript' ? STRICT : `--ignoreConfig ${STRICT}`;
  run(process.execPath, [program, ...`${options} ${resolution} ${files}`.split(' ')], loud);
  done(`${files} with ${compiler} ${resolution}`);
}

try {
  run('npm', ['pack', '--loglevel=error', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  cpSync(join(root, 'test/package/nest-11'), folder, { recursive: true });
  const [, example] = /```typescript\n([^]*?)```/.exec(readFileSync(join(root, 'docs/testing.md'), 'utf8'));
  writeFileSync(join(folder, 'src/docs-testing.spec.ts'), example);
  install(folder, `./${tarball}`, 'typescript6@npm:typescript@6', 'typescript7@npm:typescript@7');
  done('installed');

  for (const extension of ['cts', 'mts'])
    copyFileSync(join(folder, 'types/consumer.ts'), join(folder, `types/consumer.${extension}`));
  for (const [compiler, files, resolution] of RESOLUTIONS) checkTypes(compiler, files, resolution);

  install(folder, 'typeorm@1', 'libsodium-wrappers@0.8', 'parse5-sax-parser@8');
  checkTypes('typescript', 'types/typeorm.ts', '--module nodenext');
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], loud);
  for (const node of NODES.map(nodeOf)) {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    run(node, ['two-ways.mjs'], loud);
    run(node, ['dist/main.js'], loud);
    run(node, ['node_modules/jest/bin/jest.js', '--ci'], loud);
    done(`Node ${version}: one copy, both adapters, Jest`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
