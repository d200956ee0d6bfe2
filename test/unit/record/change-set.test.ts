import { describe, expect, it } from 'vitest';
import { ChangeSet, type Change } from '../../../lib/record/change-set.js';
import type { JsonObject, JsonValue } from '../../../lib/record/session-data.interface.js';
import { emptyRecord, type SessionRecord } from '../../../lib/record/session-record.js';

const record = (data: JsonObject): SessionRecord => ({ ...emptyRecord(1_767_225_600, 1440, 28_800), data });
const set = (key: string, value: JsonValue): Change => ({
  overwrites: key,
  apply: ({ data }) => void (data[key] = value),
});
const increment = (key: string): Change => ({
  apply: ({ data }) => void (data[key] = Number(data[key] ?? 0) + 1),
});
const clear: Change = { overwrites: '*', apply: (draft) => void (draft.data = {}) };

function changes(...all: Change[]): ChangeSet {
  const made = new ChangeSet();
  for (const change of all) made.add(change);
  return made;
}

describe('ChangeSet', () => {
  it('is empty until something is added', () => {
    expect(changes().isEmpty).toBe(true);
    expect(changes(clear).isEmpty).toBe(false);
  });

  it('makes its changes in order, on any record, and leaves the record as it was', () => {
    const all = changes(set('a', 1), increment('a'), increment('b'), set('c', 3));
    const before = record({ a: 10, b: 10 });
    expect(all.applyTo(before).data).toEqual({ a: 2, b: 11, c: 3 });
    expect(all.applyTo(record({})).data).toEqual({ a: 2, b: 1, c: 3 });
    expect(before.data).toEqual({ a: 10, b: 10 });
  });

  it.each([
    {
      what: 'another key was changed',
      made: [set('a', 1)],
      before: { a: 0, b: 0 },
      now: { a: 0, b: 5 },
      collides: [],
    },
    { what: 'its key was changed', made: [set('a', 1)], before: { a: 0 }, now: { a: 5 }, collides: ['a'] },
    { what: 'its key was added', made: [set('a', 1)], before: {}, now: { a: 5 }, collides: ['a'] },
    { what: 'its key was removed', made: [set('a', 1)], before: { a: 0 }, now: {}, collides: ['a'] },
    {
      what: 'its key was changed inside',
      made: [set('a', 1)],
      before: { a: { x: [1] } },
      now: { a: { x: [2] } },
      collides: ['a'],
    },
    {
      what: 'its key was written again with the same value',
      made: [set('a', 1)],
      before: { a: [1] },
      now: { a: [1] },
      collides: [],
    },
    {
      what: 'its key was changed and it only adds',
      made: [increment('a')],
      before: { a: 0 },
      now: { a: 5 },
      collides: [],
    },
    {
      what: 'it overwrites one key twice',
      made: [set('a', 1), set('a', 2)],
      before: { a: 0 },
      now: { a: 5 },
      collides: ['a'],
    },
    {
      what: 'it clears what was changed and added',
      made: [clear],
      before: { a: 0, b: 0 },
      now: { a: 5, b: 0, c: 1 },
      collides: ['a', 'c'],
    },
    {
      what: 'it clears and nothing was changed',
      made: [clear],
      before: { a: 0 },
      now: { a: 0 },
      collides: [],
    },
    {
      what: 'it overwrites a key that objects inherit',
      made: [set('toString', 1)],
      before: {},
      now: { toString: 'x' },
      collides: ['toString'],
    },
  ] as { what: string; made: Change[]; before: JsonObject; now: JsonObject; collides: string[] }[])(
    'collides at $collides when $what',
    ({ made, before, now, collides }) => {
      expect(changes(...made).collisions(record(before), record(now))).toEqual(collides);
    },
  );
});
