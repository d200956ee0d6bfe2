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
