import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { AdapterName } from '../support/adapters.js';
import { launch, startApp } from '../support/test-app.js';
import { Visitor } from '../support/visitor.js';
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

/** A compiler that reads each file once, however many programs it is in: lib, Node's types and Nest's cost most of the time. */
function compiler(): { readonly options: ts.CompilerOptions; readonly host: ts.CompilerHost } {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile) as { config: object };
  const given = ts.parseJsonConfigFileContent(config, ts.sys, root).options;
  // An example may leave a name unused that a reader will use.
  const options = { ...given, noEmit: true, noUnusedLocals: false };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  const files = new Map<string, ts.SourceFile | undefined>();
  host.getSourceFile = (name, ...how) => {
    if (!files.has(name)) files.set(name, read(name, ...how));
    return files.get(name);
  };
  return { options, host };
}

/** What the compiler says of some examples together. `npm run check:types` asks about the sources that they import. */
function complaints({ options, host }: ReturnType<typeof compiler>, names: readonly string[]): string[] {
  const program = ts.createProgram(names.map(fileOf), options, host);
  const all = names.flatMap((name) => {
    const file = program.getSourceFile(fileOf(name));
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  });
  return [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...all].map((one) => {
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
    const shared = compiler();
    const plain = examples.filter(({ code }) => !merges(code)).map(({ name }) => name);
    expect(complaints(shared, plain)).toEqual([]);
    for (const { name } of examples.filter(({ code }) => merges(code)))
      expect(complaints(shared, [name])).toEqual([]);
  });

  it.each(examples.filter(({ code }) => /class AppModule/.test(code)).map(({ name }) => name))(
    '%s starts and answers',
    async (name) => {
      const visitor = (await startNew(await load<New>(name), adapterOf(name))).visitor();
      expect([(await visitor.get('/')).text, (await visitor.get('/')).text]).toEqual([
        'You were here 1 times',
        'You were here 2 times',
      ]);
    },
  );

  it.each(['express-session', 'cookie-session', 'iron-session', 'secure-session'])(
    'on coming from %s take a visitor over, and show him no fault of the old cookie',
    async (from) => {
      const [old, now] = [await load<Old>(`coming-from-${from}-1`), await load<New>(`coming-from-${from}-2`)];
      const adapter = adapterOf(from);
      const visitor = await startOld(old, adapter, now.oldStore);
      expect((await visitor.get('/')).text).toBe('You were here 1 times');
      const moved = visitor.copy((await startNew(now, adapter)).url);
      expect((await moved.get('/')).text).toBe('You were here 2 times');
      expect([...moved.jar.keys()]).toEqual(['sid']);
      expect((await moved.get('/')).text).toBe('You were here 3 times');
    },
  );
});

/** What an example with an application exports. */
interface New {
  readonly AppModule: new () => object;
  after?(app: object): unknown;
  readonly oldStore?: object;
}
/** What the first example on a page about another package exports. */
interface Old {
  readonly OldController: new () => object;
  before?(app: object, store: object | undefined): unknown;
}

function load<Example>(name: string): Promise<Example> {
  process.env['SESSION_SECRET'] = 'a passphrase for the examples';
  process.env['OLD_SECRET'] = 'the secret of the old application, which has 32 bytes';
  process.env['OLD_KEY'] = Buffer.alloc(32, 'old').toString('base64');
  return import(pathToFileURL(fileOf(name)).href) as Promise<Example>;
}

/** Starts an application with the other package, and returns a visitor of it. */
async function startOld({ OldController, before }: Old, adapter: AdapterName, store?: object) {
  const controllers = [OldController];
  const { app } = await launch({ adapter, controllers, prepare: (one) => before?.(one, store) });
  return new Visitor(await app.getUrl());
}

const adapterOf = (name: string): AdapterName => (name.includes('secure-session') ? 'fastify' : 'express');

const startNew = ({ AppModule, after }: New, adapter: AdapterName) =>
  startApp({ adapter, imports: [AppModule], prepare: (app) => after?.(app) });
