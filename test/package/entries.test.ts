import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ENTRIES, nameOf, PACKAGE, root } from './support.js';

const entries = Object.keys(ENTRIES);
const esm = (name: string) => ({ types: `./dist/esm/${name}.d.ts`, default: `./dist/esm/${name}.js` });
const cjs = (name: string) => ({ types: `./dist/cjs/${name}.d.cts`, default: `./dist/cjs/${name}.cjs` });

/** Node takes `module-sync` for `import` and `require` alike, Jest takes `require`, bundlers take what they know. */
const conditions = (name: string) => ({ 'module-sync': esm(name), require: cjs(name), default: esm(name) });

/** What a declaration file imports, and what the files import that it imports: our files, and the names of packages. */
function importsOf(file: string, found = new Set<string>()): Set<string> {
  for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()["']([^"']+)["']/g)) {
    const isOurs = name!.startsWith('.');
    const target = isOurs ? join(dirname(file), name!.replace(/\.js$/, '.d.ts')) : name!;
    if (found.has(target)) continue;
    found.add(target);
    if (isOurs) importsOf(target, found);
  }
  return found;
}

describe('entries.json', () => {
  it('is what package.json exports', () => {
    expect(PACKAGE.exports).toEqual({
      ...Object.fromEntries(entries.map((entry) => [entry, conditions(nameOf(entry))])),
      './package.json': './package.json',
    });
    expect(PACKAGE).toMatchObject({ main: cjs('index').default, types: esm('index').types });
  });

  it('is where TypeScript looks that does not read `exports`', () => {
    const below = entries.filter((entry) => entry !== '.').map(nameOf);
    expect(PACKAGE.typesVersions).toEqual({
      '*': Object.fromEntries(below.map((name) => [name, [esm(name).types]])),
    });
  });
});

describe.each(entries)('entry %s', (entry) => {
  it('was built, with types', () => {
    const { default: require, ...others } = conditions(nameOf(entry));
    const files = [require, ...Object.values(others)].flatMap((files) => Object.values(files));
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it.runIf(entry !== './typeorm' && entry !== './health')('has types that need no optional package', () => {
    const optional = Object.keys(PACKAGE.peerDependenciesMeta);
    const imports = [...importsOf(join(root, cjs(nameOf(entry)).types))];
    expect(imports).toContain(join(root, esm(nameOf(entry)).types));
    expect(imports.filter((name) => optional.includes(name))).toEqual([]);
  });
});
