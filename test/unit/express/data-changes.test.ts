import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedKeys, mutableCopy } from '../../../lib/express/data-changes.js';
import { toJsonValue } from '../../../lib/record/json-value.js';
import type { JsonObject } from '../../../lib/record/session-data.interface.js';

const stored = (value: object) => toJsonValue(value, 'data') as JsonObject;

describe('changedKeys', () => {
  it('finds no change in a mutable copy of what is stored', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (value) => {
        let data: JsonObject;
        try {
          data = stored(value);
        } catch {
          return; // a value that no session holds
        }
        const copy = mutableCopy(data) as object;
        expect(changedKeys(data, copy)).toEqual([]);
        expect(copy).toEqual(data);
      }),
    );
  });

  it.each([
    ['a value', { a: 2 }],
    ['another type', { a: '1' }],
    ['a removed key', {}],
    ['undefined', { a: undefined }],
  ])('finds %s', (_, now) => {
    expect(changedKeys({ a: 1 }, now)).toEqual(['a']);
  });

  it.each([
    ['an item', [1, 3]],
    ['a shorter list', [1]],
    ['an object in its place', { 0: 1, 1: 2 }],
    ['a named property of a list', Object.assign([1, 2], { name: 1 })],
    ['a symbol', Object.assign([1, 2], { [Symbol('x')]: 1 })],
  ])('finds %s in a list', (_, now) => {
    expect(changedKeys({ a: [1, 2] }, { a: now })).toEqual(['a']);
  });

  it.each([
    ['a changed part', { x: { y: 2 } }],
    ['a further part', { x: { y: 1 }, z: 1 }],
    ['a renamed part', { w: { y: 1 } }],
    ['another class', { x: Object.assign(new Date(0), { y: 1 }) }],
    ['a missing value', { x: { y: undefined } }],
  ])('finds %s in an object', (_, now) => {
    expect(changedKeys({ a: { x: { y: 1 } } }, { a: now })).toEqual(['a']);
  });

  it('takes what JSON would change for a change, so that it can be refused', () => {
    expect(changedKeys({ a: 0, b: null, c: {} }, { a: -0, b: Number.NaN, c: new Map() })).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('finds new keys, and none for a new key without a value', () => {
    expect(changedKeys({}, { a: 1, b: undefined })).toEqual(['a']);
  });
});
