import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { startApp } from '../support/test-app.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(root, 'test/docs/generated');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

/** A page about packages that this project does not have. `npm run test:gateways` compiles and runs its blocks. */
const ELSEWHERE = 'docs/with-other-packages.md';

/** Every block of TypeScript of every other page, as a file that stands in this project. */
const examples = pages
  .filter((page) => page !== ELSEWHERE)
  .flatMap((page) => {
    const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/```ts\n([^]*?)```/g)];
    return blocks.map(([, code], i) => ({ name: `${basename(page, '.md')}-${i + 1}`, code: code! }));
  });
const fileOf = (name: string) => join(folder, `${name}.ts`);

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const { name, code } of examples) writeFileSync(fileOf(name), code);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says of some examples together. */
function complaints(names: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  // An example may leave a name unused that a reader will use.
  const program = ts.createProgram(names.map(fileOf), { ...options, noEmit: true, noUnusedLocals: false });
  return ts.getPreEmitDiagnostics(program).map((one) => {
    const at = one.file ? basename(one.file.fileName) : '';
    return `${at}: ${ts.flattenDiagnosticMessageText(one.messageText, '\n')}`;
  });
}

describe('the examples in the docs', () => {
  it('are there', () => {
    expect(examples.length).toBeGreaterThanOrEqual(6);
  });

  it('compile', { timeout: 120_000 }, () => {
    const merges = (code: string) => code.includes('declare module');
    const plain = examples.filter(({ code }) => !merges(code)).map(({ name }) => name);
    expect(complaints(plain)).toEqual([]);
    for (const { name } of examples.filter(({ code }) => merges(code)))
      expect(complaints([name])).toEqual([]);
  });

  it.each(examples.filter(({ code }) => /class AppModule/.test(code)).map(({ name }) => name))(
    '%s starts and answers',
    async (name) => {
      process.env['SESSION_SECRET'] = 'a passphrase for the examples';
      const { AppModule } = (await import(pathToFileURL(fileOf(name)).href)) as {
        AppModule: new () => object;
      };
      const visitor = (await startApp({ imports: [AppModule] })).visitor();
      expect([(await visitor.get('/')).text, (await visitor.get('/')).text]).toEqual([
        'You were here 1 times',
        'You were here 2 times',
      ]);
    },
  );
});
