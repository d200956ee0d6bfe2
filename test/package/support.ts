import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as unknown;

/** Every entry of the package and its source: the one list. */
export const ENTRIES = read('entries.json') as Readonly<Record<string, string>>;

export const PACKAGE = read('package.json') as {
  main: string;
  types: string;
  exports: object;
  typesVersions: object;
  bin: Readonly<Record<string, string>>;
  peerDependenciesMeta: object;
};

/** `./php` as an application writes it. */
export const specifierOf = (entry: string) => `nestjs-session-crypto${entry.slice(1)}`;

/** `./php` as its files are named. */
export const nameOf = (entry: string) => (entry === '.' ? 'index' : entry.slice(2));

/** What Node prints, in a process of its own. */
export const run = (...args: string[]) =>
  execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });

/** What a module prints as JSON, in a process of its own. */
export const evaluate = <T>(source: string, ...options: string[]) =>
  JSON.parse(run(...options, '--input-type=module', '-e', source)) as T;

/** The scripts of ours that a module loads, in this order, below dist/. `source` ends with the import. */
export const loadedBy = (source: string) =>
  evaluate<string[]>(`
    import { Session } from 'node:inspector';
    import 'reflect-metadata';
    const session = new Session();
    const urls = [];
    session.connect();
    session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url));
    session.post('Debugger.enable');
    ${source}
    const below = new URL('dist/', ${JSON.stringify(`file://${root}`)}).href;
    console.log(JSON.stringify(urls.filter((url) => url.startsWith(below)).map((url) => url.slice(below.length))));
  `);

/** The sources that files below dist/ hold, as a line above each says. */
export const modulesIn = (files: readonly string[]): string[] =>
  files.flatMap((file) =>
    [...readFileSync(join(root, 'dist', file), 'utf8').matchAll(/^\/\/ (lib\/.+)$/gm)].map(
      ([, module]) => module!,
    ),
  );

/** Code that hides packages from `import` and `require`, as in an application that has not installed them. It stands at the
 *  beginning of a module that imports the rest by `await import()`. */
export const hide = (names: readonly string[]) => `
  import Module, { register } from 'node:module';
  const hidden = ${JSON.stringify(names)};
  const isHidden = (name) => hidden.some((one) => name === one || name.startsWith(one + '/'));
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (name, ...rest) => {
    if (isHidden(name)) throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
    return resolve(name, ...rest);
  };
  register('data:text/javascript,' + encodeURIComponent(\`
    const hidden = \${JSON.stringify(hidden)};
    const isHidden = \${isHidden};
    export async function resolve(name, context, next) {
      if (isHidden(name)) throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
      return next(name, context);
    }\`));
`;
