import fc from '../../support/property.js';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FRAME_LENGTH } from '../../../lib/envelope/frame.js';
import { SessionTooLargeError } from '../../../lib/errors/session-state.error.js';
import {
  bytesByKey,
  decodeRecord,
  draftOf,
  emptyRecord,
  encodeRecord,
  isEmptyRecord,
  type SessionRecord,
} from '../../../lib/record/session-record.js';
import type { JsonObject } from '../../../lib/record/session-data.interface.js';

const NOW = 1_767_225_600;
const LIMIT = 1_048_576;
const empty = () => emptyRecord(NOW, 1440, 28_800);
const payloadOf = (record: SessionRecord) => encodeRecord(record, LIMIT).subarray(FRAME_LENGTH).toString();

const seconds = fc.nat({ max: 0xffffffff });
const data = fc
  .dictionary(
    fc.string({ unit: 'grapheme', minLength: 1 }).filter((key) => key !== '__proto__'),
    fc.jsonValue({ maxDepth: 4, noUnicodeString: false }),
  )
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject)
  .filter((value) => !/__proto__|"prototype"/.test(JSON.stringify(value)));
const records: fc.Arbitrary<SessionRecord> = fc.record({
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes)),
  idIssuedAt: seconds,
  lastSeenAt: seconds,
  deadline: seconds,
  idleTimeout: seconds,
  authenticatedAt: seconds,
  generation: seconds,
  epoch: seconds,
  subject: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
  data,
  flash: data,
  csrfSeed: fc.option(fc.string(), { nil: undefined }),
  createdAt: seconds,
});

describe('A session record', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(decodeRecord(encodeRecord(record, LIMIT), LIMIT)).toEqual(record);
      }),
      { numRuns: 300 },
    );
  });

  it('says only what there is to say', () => {
    expect(payloadOf(empty())).toBe('{}');
    expect(
      payloadOf({
        ...empty(),
        subject: '42',
        data: { a: 1 },
        flash: { b: 2 },
        csrfSeed: 'seed',
        createdAt: NOW - 5,
      }),
    ).toBe(`{"u":"42","d":{"a":1},"f":{"b":2},"s":"seed","c":${NOW - 5}}`);
  });

  it.each([
    { what: 'no JSON', payload: 'x' },
    { what: 'nothing', payload: '' },
    { what: 'an array', payload: '[]' },
    { what: 'data that is a list', payload: '{"d":[]}' },
    { what: 'data that is null', payload: '{"d":null}' },
    { what: 'data that is a text', payload: '{"d":"x"}' },
    { what: 'flash that is a number', payload: '{"f":5}' },
    { what: 'a beginning that is a text', payload: '{"c":"5"}' },
    { what: 'a beginning that no frame can say', payload: '{"c":4294967296}' },
    { what: 'a beginning before 1970', payload: '{"c":-1}' },
    { what: 'half a second', payload: '{"c":0.5}' },
    { what: 'a subject that is null', payload: '{"u":null}' },
    { what: 'a subject that is an object', payload: '{"u":{}}' },
    { what: 'a seed that is a number', payload: '{"s":5}' },
    { what: 'a prototype key', payload: '{"d":{"__proto__":{}}}' },
    { what: 'too great a depth', payload: `{"d":{"a":${'['.repeat(40)}${']'.repeat(40)}}}` },
  ])('is none with $what for a payload', ({ payload }) => {
    expect(decodeRecord(encodeFrame(empty(), payload), LIMIT)).toBe('payload');
  });

  it('is none when its payload is no UTF-8', () => {
    const bytes = Buffer.concat([encodeFrame(empty(), ''), Buffer.from('{"u":"\xff"}', 'latin1')]);
    expect(decodeRecord(bytes, LIMIT)).toBe('payload');
  });

  it('is none when its frame is broken', () => {
    expect(decodeRecord(Buffer.alloc(60), LIMIT)).toBe('frame');
  });

  it('reads a subject that is a number as a text', () => {
    expect(decodeRecord(encodeFrame(empty(), '{"u":42}'), LIMIT)).toMatchObject({ subject: '42' });
  });

  it('is refused when its JSON is larger than the limit, both ways, and says which keys take the room', () => {
    const record = {
      ...empty(),
      data: { small: 1, large: 'x'.repeat(100) },
      flash: { middle: 'y'.repeat(50) },
    };
    const size = Buffer.byteLength(payloadOf(record));
    expect(encodeRecord(record, size)).toHaveLength(size + FRAME_LENGTH);
    const encode = () => encodeRecord(record, size - 1);
    expect(encode).toThrow(SessionTooLargeError);
    expect(encode).toThrow(
      expect.objectContaining({ size, limit: size - 1, bytesByKey: { large: 110, middle: 61, small: 9 } }),
    );
    expect(decodeRecord(encodeRecord(record, size), size - 1)).toBe('payload');
  });

  it('counts bytes, not characters', () => {
    expect(bytesByKey({ ...empty(), data: { a: 'é', b: 'e' } })).toEqual({ a: 8, b: 7 });
    expect(Object.keys(bytesByKey({ ...empty(), data: { a: 1, b: 'longer' } }))).toEqual(['b', 'a']);
  });

  it('counts a value and a flash value of one key together', () => {
    const record = { ...empty(), data: { a: 'longer', b: 'long' }, flash: { a: 1 } };
    expect(Object.entries(bytesByKey(record))).toEqual([
      ['a', 17],
      ['b', 10],
    ]);
  });
});

describe('emptyRecord', () => {
  it('begins now, with an id of its own and both limits', () => {
    expect(empty()).toMatchObject({
      idIssuedAt: NOW,
      lastSeenAt: NOW,
      createdAt: NOW,
      deadline: NOW + 28_800,
      idleTimeout: 1440,
      generation: 0,
      authenticatedAt: 0,
    });
    expect(empty().id).not.toEqual(empty().id);
    expect(empty().id).toHaveLength(16);
    expect(emptyRecord(NOW, 0, 0)).toMatchObject({ deadline: 0, idleTimeout: 0 });
  });

  it('is empty until somebody says something', () => {
    expect(isEmptyRecord(empty())).toBe(true);
    for (const said of [{ subject: '' }, { data: { a: null } }, { flash: { a: 0 } }, { csrfSeed: '' }])
      expect(isEmptyRecord({ ...empty(), ...said })).toBe(false);
  });
});

describe('draftOf', () => {
  it('leaves the record as it was', () => {
    const record = { ...empty(), data: { a: 1 }, flash: { b: 2 } };
    const draft = draftOf(record);
    draft.data.a = 5;
    draft.flash.c = 6;
    draft.subject = 'alice';
    expect(record).toMatchObject({ data: { a: 1 }, flash: { b: 2 }, subject: undefined });
  });
});
