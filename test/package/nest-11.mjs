#!/usr/bin/env node
// The packed package in an application of Nest 11, as `nest new` makes it: its types in every way that TypeScript finds
// them, CommonJS on both adapters, Jest with ts-jest, and `nest add`.
// Installs into a temporary folder, so it is run by CI and not by `npm test`.
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, inTemporaryFolder, install, pack, root, run } from './application.mjs';
import { nestAddInNest11 } from './new-user/nest-add.mjs';
import { nodeOf } from './node-line.mjs';

const NODES = [20, 22, 24];

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

function checkTypes(folder, compiler, files, resolution) {
  const program = join('node_modules', compiler, 'bin/tsc');
  const options = compiler === 'typescript' ? STRICT : `--ignoreConfig ${STRICT}`;
  run(process.execPath, [program, ...`${options} ${resolution} ${files}`.split(' ')], { cwd: folder });
  done(`${files} with ${compiler} ${resolution}`);
}

await inTemporaryFolder('nest11', async (folder) => {
  const tarball = pack(folder);
  cpSync(join(root, 'test/package/nest-11'), folder, { recursive: true });
  const [, example] = /```typescript\n([^]*?)```/.exec(readFileSync(join(root, 'docs/testing.md'), 'utf8'));
  writeFileSync(join(folder, 'src/docs-testing.spec.ts'), example);
  install(folder, tarball, 'typescript6@npm:typescript@6', 'typescript7@npm:typescript@7');
  done('installed');

  for (const extension of ['cts', 'mts'])
    copyFileSync(join(folder, 'types/consumer.ts'), join(folder, `types/consumer.${extension}`));
  for (const [compiler, files, resolution] of RESOLUTIONS) checkTypes(folder, compiler, files, resolution);

  install(folder, 'typeorm@1', 'libsodium-wrappers@0.8', 'parse5-sax-parser@8');
  checkTypes(folder, 'typescript', 'types/typeorm.ts', '--module nodenext');
  const here = { cwd: folder };
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], here);
  for (const node of NODES.map(nodeOf)) {
    const version = run(node, ['--version']).trim();
    run(node, ['two-ways.mjs'], here);
    run(node, ['dist/main.js'], here);
    run(node, ['node_modules/jest/bin/jest.js', '--ci'], here);
    done(`Node ${version}: one copy, both adapters, Jest`);
  }

  install(folder, '@nestjs/cli@11');
  await nestAddInNest11(folder);
});
