import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rollup } from 'rollup';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ENTRY = fileURLToPath(new URL('./snapshot/app.ts', import.meta.url));
const run = promisify(execFile);

interface Report {
  readonly epoch: string;
  readonly nonce: string;
  readonly random: string;
}

/** Writes our sources as one script: while a snapshot is built, Node loads one file and its own modules only. */
async function bundle(file: string): Promise<void> {
  const sources = {
    name: 'sources',
    resolveId: (id: string, from?: string) =>
      id.startsWith('.') ? resolve(dirname(from!), id.replace(/\.js$/, '.ts')) : undefined,
    load: (id: string) =>
      ts.transpile(readFileSync(id, 'utf8'), {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      }),
  };
  const build = await rollup({ input: ENTRY, external: /^node:/, plugins: [sources] });
  await build.write({ file, format: 'cjs' });
  await build.close();
}

describe('Processes that start from one V8 startup snapshot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
  const [script, blob] = [join(folder, 'app.cjs'), join(folder, 'app.blob')];
  const reportOf = async (...args: string[]): Promise<Report> =>
    JSON.parse((await run(process.execPath, ['--no-warnings', ...args])).stdout) as Report;
  let reports: Report[];

  beforeAll(async () => {
    await bundle(script);
    const building = await reportOf('--snapshot-blob', blob, '--build-snapshot', script);
    const started = () => reportOf('--snapshot-blob', blob);
    reports = [building, await started(), await started()];
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['epoch', 'nonce', 'random'] as const)(
    'share no %s, nor does the process that built it',
    (part) => {
      const values = reports.map((report) => report[part]);
      expect(values.every((value) => /^[0-9a-f]{24,}$/.test(value))).toBe(true);
      expect(new Set(values).size).toBe(3);
    },
  );
});
