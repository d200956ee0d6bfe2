// A process that imports the package and requires it has one copy of it.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { SessionConfigError } from 'nestjs-session-crypto';

const require = createRequire(import.meta.url);
const { exports } = require('nestjs-session-crypto/package.json');

for (const entry of Object.keys(exports).filter((name) => !name.endsWith('.json'))) {
  const name = `nestjs-session-crypto${entry.slice(1)}`;
  const [imported, required] = [await import(name), require(name)];
  assert.deepEqual(Object.keys(required).toSorted(), Object.keys(imported).toSorted());
  for (const key of Object.keys(imported)) assert.equal(required[key], imported[key], `${name}: ${key}`);
}

const { typeOrmStore } = require('nestjs-session-crypto/typeorm');
await assert.rejects(typeOrmStore({ dataSource: 1 }).open(), SessionConfigError);
