import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The row of `lib/*.ts`. */
const TOP = 'lib/*.ts';
const PACKAGES = ['@nestjs/typeorm', '@nestjs', 'rxjs', 'typeorm', 'pg'];

interface Row {
  readonly room: string;
  readonly imports: readonly string[];
  readonly packages: readonly string[];
}

/** The table of docs/architecture.md. */
const ROWS: readonly Row[] = read('docs/architecture.md')
  .split('\n')
  .filter((line) => line.startsWith('| `lib/'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, room, , imports, packages]) => ({
    room: room!.replaceAll('`', '').replace(/^lib\/(.+)\/$/, '$1'),
    imports: imports === 'nothing' ? [] : imports!.split(', '),
    packages: packages === 'none' ? [] : packages!.split(', '),
  }));

const FILES = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `lib/${file}`);
const roomOf = (file: string): string => (file.split('/').length === 2 ? TOP : file.split('/')[1]!);

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g;
const importsOf = (file: string): string[] => [...read(file).matchAll(IMPORT)].map(([, name]) => name!);
const targetOf = (file: string, name: string): string => join(file, '..', name).replace(/\.js$/, '.ts');
/** Imports that load when the file does: what a driver needs is imported when it is chosen. */
const STATIC = /\bfrom\s*'(\.[^']+)'/g;
const GRAPH = new Map(
  FILES.map((file) => [
    file,
    importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => targetOf(file, name)),
  ]),
);

interface Pattern {
  readonly group?: readonly string[];
  readonly regex?: string;
}
interface Override {
  readonly files: readonly string[];
  readonly rules: { readonly 'no-restricted-imports': [string, { readonly patterns: Pattern[] }] };
}
const OVERRIDES = (JSON.parse(read('.oxlintrc.json')) as { overrides: Override[] }).overrides;

describe('docs/architecture.md', () => {
  it('has a row for every room, and no other', () => {
    expect(ROWS.map(({ room }) => room).toSorted()).toEqual([...new Set(FILES.map(roomOf))].toSorted());
  });

  it.each(ROWS)('has all that $room imports', ({ room, imports, packages }) => {
    const files = FILES.filter((file) => roomOf(file) === room);
    const rooms = files.flatMap((file) => GRAPH.get(file)!.map(roomOf));
    expect([...new Set(rooms)].filter((one) => one !== room && !imports.includes(one))).toEqual([]);
    const used = files.flatMap(importsOf).flatMap((name) => PACKAGES.find((one) => isOf(name, one)) ?? []);
    expect(used.filter((name) => !packages.some((one) => isOf(name, one)))).toEqual([]);
  });

  it('has the rooms in an order in which each imports only what stands above it', () => {
    const above = (i: number) => ROWS.slice(0, i).map(({ room }) => room);
    expect(ROWS.filter(({ imports }, i) => imports.some((room) => !above(i).includes(room)))).toEqual([]);
  });
});

/** A name in `packages` covers what stands below it; `@nestjs` does not cover `@nestjs/typeorm` alone. */
const isOf = (name: string, one: string): boolean => name === one || name.startsWith(`${one}/`);

describe('.oxlintrc.json', () => {
  it('has the same rows', () => {
    const files = ROWS.map(({ room }) => (room === TOP ? TOP : `lib/${room}/**/*.ts`));
    expect(OVERRIDES.map((one) => one.files)).toEqual(files.map((one) => [one]));
  });

  it.each(ROWS.map((row, i) => ({ ...row, patterns: patternsOf(OVERRIDES[i]!) })))(
    'refuses in $room every room that its row does not have',
    ({ room, imports, packages, patterns }) => {
      const groups = patterns.flatMap(({ group = [] }) => group);
      const others = ROWS.map((row) => row.room).filter((one) => ![room, TOP, ...imports].includes(one));
      const refused = groups.flatMap((one) => /^\*\*\/([a-z-]+)\/\*\*$/.exec(one)?.[1] ?? []);
      expect(refused.filter((one) => !['test', 'sample-app', 'bench'].includes(one)).toSorted()).toEqual(
        others.toSorted(),
      );
      for (const name of ['rxjs', 'typeorm', 'pg'])
        expect(groups.includes(name)).toBe(!packages.includes(name));
      expect(groups.includes('@nestjs/*')).toBe(!packages.includes('@nestjs'));
    },
  );

  it.each(ROWS.map((row, i) => ({ ...row, patterns: patternsOf(OVERRIDES[i]!) })))(
    'refuses in $room every file of lib/*.ts unless its row has them',
    ({ room, imports, patterns }) => {
      const regex = patterns.find((one) => one.regex)?.regex;
      expect(regex === undefined).toBe(room === TOP || imports.includes(TOP));
      if (regex === undefined) return;
      const top = FILES.filter((file) => roomOf(file) === TOP).map((file) => file.slice(4, -3));
      expect(top.filter((file) => !new RegExp(regex).test(`../${file}.js`))).toEqual([]);
    },
  );
});

function patternsOf(override: Override): Pattern[] {
  return override.rules['no-restricted-imports'][1].patterns;
}

describe('lib/', () => {
  it('has at most 18 files that only Nest sees', () => {
    expect(FILES.filter((file) => roomOf(file) === TOP).length).toBeLessThanOrEqual(18);
  });

  it('has index.ts at package entries only', () => {
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
    const entries = Object.keys(exports).filter((name) => name !== './package.json');
    expect(FILES.filter((file) => file.endsWith('/index.ts'))).toHaveLength(entries.length);
  });

  it('has no chain of imports longer than 25 below its entry', () => {
    expect(longestFrom('lib/index.ts').length).toBeLessThanOrEqual(25);
  });
});

const chains = new Map<string, readonly string[]>();
const staticImportsOf = (file: string): string[] =>
  [...read(file).matchAll(STATIC)].map(([, name]) => targetOf(file, name!));

function longestFrom(file: string): readonly string[] {
  const known = chains.get(file);
  if (known) return known;
  chains.set(file, [file]); // a circle, which the lint refuses, ends here
  const below = staticImportsOf(file).map(longestFrom);
  const longest = below.reduce((one, other) => (other.length > one.length ? other : one), []);
  const chain = [file, ...longest];
  chains.set(file, chain);
  return chain;
}
