import { describe, expect, it } from 'vitest';
import { draftOf, emptyRecord } from '../../../lib/record/session-record.js';
import type { JsonObject } from '../../../lib/record/session-data.interface.js';
import { ValueUpdate } from '../../../lib/record/value-update.js';

const NOW = 1_800_000_000;

/** The data after an update was applied to a copy of `data`, as a commit does. */
function applied(update: ValueUpdate, data: JsonObject): JsonObject {
  const draft = draftOf({ ...emptyRecord(NOW, 0, 0), data: JSON.parse(JSON.stringify(data)) as JsonObject });
  update.apply(draft);
  return draft.data;
}

describe('ValueUpdate', () => {
  it('runs once however often it is applied to the same value', () => {
    let runs = 0;
    const update = new ValueUpdate('n', () => ++runs);
    const same = { n: { a: [1, { b: null }] } };
    expect([applied(update, same), applied(update, same), runs]).toEqual([{ n: 1 }, { n: 1 }, 1]);
    const absent = new ValueUpdate('n', (value) => value ?? ++runs);
    expect([applied(absent, {}), applied(absent, {})]).toEqual([{ n: 2 }, { n: 2 }]);
  });

  it('runs again with another value, and once for that, too', () => {
    const seen: unknown[] = [];
    const update = new ValueUpdate('n', (value) => seen.push(value));
    const all: JsonObject[] = [{}, { n: null }, { n: [1] }, { n: [1] }, { n: [1, 2] }];
    expect(all.map((data) => applied(update, data)['n'])).toEqual([1, 2, 3, 3, 4]);
    expect(seen).toEqual([undefined, null, [1], [1, 2]]);
  });

  it('lets the function change neither what it was given nor what it has returned', () => {
    const kept: string[] = ['tea'];
    const update = new ValueUpdate('cart', (value) => {
      expect(() => (value as string[]).push('milk')).toThrow(TypeError);
      return kept;
    });
    applied(update, { cart: [] });
    kept.push('milk');
    expect(applied(update, { cart: [] })).toEqual({ cart: ['tea'] });
  });

  it('removes the key, and runs again after an error', () => {
    let runs = 0;
    const update = new ValueUpdate('n', () => {
      if (!runs++) throw new Error('mine');
      return undefined;
    });
    expect(() => applied(update, { n: 1 })).toThrow('mine');
    expect([applied(update, { n: 1, m: 2 }), applied(update, { n: 1 }), runs]).toEqual([{ m: 2 }, {}, 2]);
  });
});
