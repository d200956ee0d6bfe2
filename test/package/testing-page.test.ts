import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './support.js';

const FOLDER = 'test/docs/testing-page';

/** The examples of docs/testing.md; that of Jest is run by nest-11.mjs. */
const examples = [...readFileSync(join(root, 'docs/testing.md'), 'utf8').matchAll(/```ts\n([^]*?)```/g)].map(
  ([, code]) => code!,
);
const exampleOf = (runner: string) => examples.find((code) => code.includes(`from '${runner}'`))!;

/** What a program prints that ends well. */
const run = (program: string, args: readonly string[]) =>
  execFileSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'test', NO_COLOR: '1' },
  });

beforeAll(() => mkdirSync(join(root, FOLDER), { recursive: true }));
afterAll(() => rmSync(join(root, FOLDER), { recursive: true, force: true }));

describe('docs/testing.md', () => {
  it('has an example that passes in Vitest', () => {
    const file = `${FOLDER}/example.test.ts`;
    writeFileSync(join(root, file), exampleOf('vitest'));
    const tests = exampleOf('vitest').match(/^it\(/gm)!.length;
    const printed = run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', file]);
    expect(printed).toMatch(new RegExp(`Tests +${tests} passed`));
  });

  it.each([
    ['ES modules', ts.ModuleKind.ESNext, 'example.mjs'],
    ['CommonJS', ts.ModuleKind.CommonJS, 'example.cjs'],
  ] as const)('has an example that passes in node:test, as %s', (_, module, name) => {
    const compilerOptions = {
      module,
      target: ts.ScriptTarget.ES2022,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      esModuleInterop: true,
    };
    const { outputText } = ts.transpileModule(exampleOf('node:test'), { compilerOptions });
    writeFileSync(join(root, FOLDER, name), outputText);
    expect(run(process.execPath, ['--test', '--test-reporter=tap', join(FOLDER, name)])).toMatch(
      /^# pass 1$/m,
    );
  });
});
