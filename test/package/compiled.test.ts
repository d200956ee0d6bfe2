import { describe, expect, it } from 'vitest';
import { ENTRIES, evaluate, nameOf } from './support.js';

/** Of each export: its kind, its name, and the types that Nest injects into its constructor. */
const FACTS = `
  import 'reflect-metadata';
  const typesOf = (value) => Reflect.getMetadata('design:paramtypes', value)?.map((type) => type?.name);
  const facts = (module) => Object.entries(module).map(([name, value]) =>
    [name, typeof value, value?.name, typeof value === 'function' ? typesOf(value) ?? null : null]);
`;

interface Fact extends Array<unknown> {
  0: string;
}

const factsOf = (file: string) =>
  evaluate<Fact[]>(
    `${FACTS} console.log(JSON.stringify(facts(await import(${JSON.stringify(`./dist/${file}`)}))));`,
  ).toSorted(([a], [b]) => (a < b ? -1 : 1));

describe.each(Object.entries(ENTRIES))('entry %s, bundled', (entry, source) => {
  it('exports what TypeScript compiled: names, classes, and what Nest injects', () => {
    const compiled = factsOf(source.replace(/\.ts$/, '.js'));
    expect(compiled).not.toEqual([]);
    expect(factsOf(`esm/${nameOf(entry)}.js`)).toEqual(compiled);
  });
});
