import { describe, expect, it } from 'vitest';
import { ENTRIES, evaluate, loadedBy, modulesIn, specifierOf } from './support.js';

const names = Object.keys(ENTRIES).map(specifierOf);
const REQUIRE = `
  import { createRequire } from 'node:module';
  const require = createRequire(${JSON.stringify(import.meta.url)});
`;

describe('one process', () => {
  it.each(names)('has one copy of %s, imported and required', (name) => {
    const difference = evaluate<string[]>(`${REQUIRE}
      import 'reflect-metadata';
      const required = require(${JSON.stringify(name)});
      const imported = await import(${JSON.stringify(name)});
      const names = Object.keys({ ...required, ...imported });
      console.log(JSON.stringify(names.filter((name) => required[name] !== imported[name])));
    `);
    expect(difference).toEqual([]);
  });

  it('has one class of errors in an entry that is imported and another that is required', () => {
    const refusals = evaluate<boolean[]>(`${REQUIRE}
      import { SessionConfigError } from 'nestjs-session-crypto';
      const { typeOrmStore } = require('nestjs-session-crypto/typeorm');
      const { fromApacheDirectives } = require('nestjs-session-crypto/apache');
      const isOurs = (error) => error instanceof SessionConfigError;
      const byStore = await typeOrmStore({ dataSource: 1 }).open().catch(isOurs);
      let byDirectives;
      try { fromApacheDirectives('SessionCryptoPassphrase', {}); } catch (error) { byDirectives = isOurs(error); }
      console.log(JSON.stringify([byStore, byDirectives]));
    `);
    expect(refusals).toEqual([true, true]);
  });

  it('loads the code of each source once', () => {
    const all = names.map((name) => `await import('${name}'); require('${name}');`).join('\n');
    const loaded = loadedBy(`${REQUIRE} ${all}`);
    const modules = modulesIn(loaded);
    expect(loaded).toEqual(expect.arrayContaining(['esm/index.js', 'cjs/parts/core.cjs']));
    expect(modules.filter((module, i) => modules.indexOf(module) !== i)).toEqual([]);
  });
});
