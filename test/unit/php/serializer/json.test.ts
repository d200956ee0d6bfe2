import fc from '../../../support/property.js';
import { describe, expect, it } from 'vitest';
import { SessionStateError } from '../../../../lib/errors/session-state.error.js';
import {
  fromJson,
  sessionFromJson,
  sessionToJson,
  toJson,
} from '../../../../lib/php/serializer/json-merge.js';
import { PHP_SERIALIZERS } from '../../../../lib/php/serializer/php-serializer.js';
import {
  PhpArray,
  PhpMap,
  PhpObject,
  PhpReference,
  type PhpSession,
} from '../../../../lib/php/serializer/php-value.js';
import type { JsonObject, JsonValue } from '../../../../lib/record/session-data.interface.js';
import { session } from './samples.js';

const { php } = PHP_SERIALIZERS;

function read(latin1: string): PhpSession {
  const session = php.decode(Buffer.from(latin1, 'latin1'));
  if (typeof session === 'string') throw new Error(session);
  return session;
}

const shown = (latin1: string) => sessionToJson(read(latin1));

/** A handler's change of the JSON that it sees, which has many shapes. */
// oxlint-disable-next-line typescript/no-explicit-any
type Change = (data: Record<string, any>) => void;

/** Returns the bytes after a handler has changed the JSON that it sees. */
function changed(latin1: string, change: Change): string {
  const before = read(latin1);
  const data = structuredClone(sessionToJson(before)) as Record<string, JsonValue>;
  change(data);
  return php.encode(sessionFromJson(data, before)).toString('latin1');
}

describe('The JSON that a handler sees', () => {
  it.each<[string, JsonObject]>([
    [
      'a|N;b|b:1;c|i:5;d|d:1.5;e|d:2;f|d:-0;g|s:3:"\xe2\x82\xac";',
      { a: null, b: true, c: 5, d: 1.5, e: 2, f: 0, g: '€' },
    ],
    ['a|i:9007199254740991;b|i:9007199254740993;', { a: 9007199254740991, b: '9007199254740993' }],
    ['a|a:0:{}b|a:2:{i:0;i:1;i:1;i:2;}', { a: [], b: [1, 2] }],
    ['a|a:2:{s:1:"x";i:1;i:5;i:2;}', { a: { x: 1, 5: 2 } }],
    ['a|O:1:"A":3:{s:1:"p";i:1;s:4:"\0*\0q";i:2;s:4:"\0A\0r";i:3;}', { a: { p: 1 } }],
    ['a|i:1;b|R:1;c|O:1:"A":0:{}d|r:2;', { a: 1, b: 1, c: {}, d: {} }],
    ['5|i:1;', { 5: 1 }],
    [
      'a|O:11:"ArrayObject":4:{i:0;i:0;i:1;a:1:{s:1:"x";i:1;}i:2;a:0:{}i:3;N;}',
      { a: { 0: 0, 1: { x: 1 }, 2: [], 3: null } },
    ],
  ])('of %s', (text, json) => {
    expect(shown(text)).toStrictEqual(json);
  });

  it.each([
    ['INF and NAN', 'a|d:INF;b|d:NAN;'],
    ['bytes that are not UTF-8', 'a|s:1:"\xff";'],
    ['enum cases and objects that their class serializes itself', 'a|E:3:"S:H";b|C:1:"X":0:{}'],
    ['the key __proto__', '__proto__|i:1;'],
    ['the key constructor with a prototype', 'constructor|a:1:{s:9:"prototype";i:1;}'],
    ['a name that is not UTF-8', '\xff|i:1;'],
    ['a list with a hidden item', 'a|a:2:{i:0;i:1;i:1;d:NAN;}'],
    ['a circle', 'a|O:1:"A":1:{s:1:"b";O:1:"B":1:{s:1:"a";r:1;}}b|r:2;c|a:1:{i:0;R:5;}'],
  ])('does not contain %s, which are written back', (_what, text) => {
    expect(shown(`${text}z|i:1;`)).toStrictEqual({ z: 1 });
    expect(changed(`${text}z|i:1;`, (data) => (data['z'] = 2))).toBe(`${text}z|i:2;`);
  });

  it('goes 32 levels deep', () => {
    const nested = (depth: number) => `a|${'a:1:{s:1:"x";'.repeat(depth)}i:1;${'}'.repeat(depth)}`;
    const depthOf = (json: unknown): number =>
      typeof json === 'object' && json ? 1 + Math.max(0, ...Object.values(json).map(depthOf)) : 0;
    expect([32, 33, 4096].map((depth) => depthOf(shown(nested(depth))['a']))).toEqual([32, 32, 32]);
    expect(JSON.stringify(shown(nested(32)))).toContain('"x":1');
    expect(JSON.stringify(shown(nested(33)))).not.toContain('"x":1');
  });

  it('is complete if the session was read from more than a MiB', () => {
    const size = 3_000_000;
    const before = new PhpMap();
    for (const key of ['a', 'b']) before.set(key, 'x'.repeat(1_400_000));
    const json = sessionToJson(before, size);
    expect(Object.keys(json)).toEqual(['a', 'b']);
    expect([...sessionFromJson({ b: json['b']! }, before, size).entries()]).toHaveLength(1);
  });

  it('ends before values that are shared many times fill the memory', () => {
    const doubled = new PhpMap();
    let value = new PhpReference('x'.repeat(100));
    for (let i = 0; i < 28; i++)
      doubled.set(`v${i}`, (value = new PhpReference(PhpArray.list([value, value]))));
    const json = sessionToJson(doubled);
    expect(JSON.stringify(json).length).toBeLessThan(3_000_000);
    expect(Object.keys(json).length).toBeLessThan(28);
    expect(php.encode(sessionFromJson(json, doubled))).toEqual(php.encode(doubled));
  });

  it('has no name that changes a prototype', () => {
    const json = shown('a|a:2:{s:9:"__proto__";a:1:{s:1:"x";i:1;}s:1:"y";i:2;}');
    expect(json).toStrictEqual({ a: { y: 2 } });
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('The session that a handler writes back', () => {
  it('is the old one, byte for byte, if it changed nothing', () => {
    fc.assert(
      fc.property(session, (before) => {
        const data = structuredClone(sessionToJson(before));
        expect(php.encode(sessionFromJson(data, before))).toEqual(php.encode(before));
      }),
    );
  });

  it('keeps all other variables byte for byte', () => {
    fc.assert(
      fc.property(session, fc.jsonValue({ maxDepth: 3 }), (before, value) => {
        const data = { ...sessionToJson(before), 'our own': value as JsonValue };
        const after = sessionFromJson(data, before);
        after.delete('our own');
        before.delete('our own');
        expect(php.encode(after)).toEqual(php.encode(before));
      }),
    );
  });

  it('is read again as the JSON that was written', () => {
    fc.assert(
      fc.property(session, fc.jsonValue({ maxDepth: 4 }), (before, value) => {
        const clean = JSON.parse(
          JSON.stringify(value).replaceAll('__proto__', 'x').replaceAll('{}', '[]'),
        ) as JsonValue;
        for (const [, was] of before) expect(toJson(fromJson(clean, was))).toEqual(clean);
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, Change, string]>([
    ['a|i:1;', (data) => (data['a'] = 2), 'a|i:2;'],
    ['a|i:1;', (data) => (data['a'] = 1.5), 'a|d:1.5;'],
    ['a|d:1;', (data) => (data['a'] = 2), 'a|d:2;'],
    ['a|s:1:"1";', (data) => (data['a'] = 1), 'a|i:1;'],
    ['a|i:9007199254740993;', (data) => (data['a'] = '9007199254740995'), 'a|i:9007199254740995;'],
    ['a|i:9007199254740993;', (data) => (data['a'] = 'x'), 'a|s:1:"x";'],
    ['a|i:1;', (data) => (data['b'] = { x: [], 5: null }), 'a|i:1;b|a:2:{i:5;N;s:1:"x";a:0:{}}'],
    ['a|i:1;b|i:2;', (data) => delete data['a'], 'b|i:2;'],
    ['a|a:2:{i:5;d:1;i:2;i:2;}', (data) => (data['a']['x'] = true), 'a|a:3:{i:5;d:1;i:2;i:2;s:1:"x";b:1;}'],
    ['a|a:2:{s:1:"x";d:1;s:1:"y";d:NAN;}', (data) => (data['a'] = {}), 'a|a:1:{s:1:"y";d:NAN;}'],
    ['a|a:1:{s:1:"x";i:1;}', (data) => (data['a'] = [1]), 'a|a:1:{i:0;i:1;}'],
    ['a|a:1:{i:0;i:1;}', (data) => (data['a'] = { x: 1 }), 'a|a:1:{s:1:"x";i:1;}'],
    ['a|d:NAN;', (data) => (data['a'] = 1), 'a|i:1;'],
    ['a|i:1;', (data) => (data['a'] = 1e20), 'a|d:1.0E+20;'],
  ])('of %s keeps all types that it can: %#', (before, change, after) => {
    expect(changed(before, change)).toBe(after);
  });

  it('changes a property of an object, and keeps its class and its private ones', () => {
    const before = 'a|O:1:"A":3:{s:1:"p";i:1;s:4:"\0A\0r";i:3;s:1:"q";d:2;}';
    const after = changed(before, (data) => {
      data['a'].p = 7;
      data['a'][5] = true;
    });
    expect(after).toBe('a|O:1:"A":4:{s:1:"p";i:7;s:4:"\0A\0r";i:3;s:1:"q";d:2;s:1:"5";b:1;}');
  });

  it('makes no private property', () => {
    const make = () => fromJson({ '\0A\0r': 1 }, new PhpObject('A'));
    expect(() => sessionFromJson({ '\0A\0r': 1 })).toThrow(SessionStateError);
    expect(() => sessionFromJson({ a: { '\0A\0r': 1 } })).toThrow(SessionStateError);
    expect(make).toThrow(SessionStateError);
  });

  it('finds the items of a list again if others are added or removed', () => {
    const items = [
      'O:1:"A":2:{s:1:"p";i:1;s:4:"\0A\0r";i:10;}',
      'O:1:"A":2:{s:1:"p";i:2;s:4:"\0A\0r";i:20;}',
    ];
    const list = (...items: string[]) =>
      `a|a:${items.length}:{${items.map((item, i) => `i:${i};${item}`).join('')}}`;
    const before = list(items[0]!, items[1]!, 'd:1;');
    expect(changed(before, ({ a }) => a.shift())).toBe(list(items[1]!, 'd:1;'));
    expect(changed(before, (data) => (data['a'] = data['a'].toReversed()))).toBe(
      list('d:1;', items[1]!, items[0]!),
    );
    expect(changed(before, ({ a }) => a.push(1))).toBe(list(items[0]!, items[1]!, 'd:1;', 'i:1;'));
    expect(changed(before, ({ a }) => (a[0].p = 9))).toBe(
      list(items[0]!.replace('i:1;', 'i:9;'), items[1]!, 'd:1;'),
    );
    expect(changed(before, ({ a }) => a.splice(0, 2, { p: 2 }, { p: 9 }))).toBe(
      list(items[1]!, 'a:1:{s:1:"p";i:9;}', 'd:1;'),
    );
    expect(changed(before, ({ a }) => a.unshift({ p: 9 }))).toBe(
      list('a:1:{s:1:"p";i:9;}', items[0]!, items[1]!, 'd:1;'),
    );
  });

  it('takes a changed entry out of a reference, and leaves the others in it', () => {
    expect(changed('a|i:1;b|R:1;c|R:1;', (data) => (data['a'] = 2))).toBe('a|i:2;b|i:1;c|R:2;');
    expect(changed('a|O:1:"A":1:{s:1:"p";i:1;}b|r:1;', (data) => (data['b'].p = 2))).toBe(
      'a|O:1:"A":1:{s:1:"p";i:1;}b|O:1:"A":1:{s:1:"p";i:2;}',
    );
  });

  it('is a new session if there was none', () => {
    const session = sessionFromJson({ a: 1, b: { c: [1.5, 'x', null, true] } });
    expect(php.encode(session).toString()).toBe(
      'a|i:1;b|a:1:{s:1:"c";a:4:{i:0;d:1.5;i:1;s:1:"x";i:2;N;i:3;b:1;}}',
    );
  });

  it('cannot have an int name in php, which PHP would drop', () => {
    const session = sessionFromJson({ 5: 1 });
    expect(() => php.encode(session)).toThrow('The key 5 is an int');
    expect(PHP_SERIALIZERS.php_serialize.encode(session).toString()).toBe('a:1:{i:5;i:1;}');
  });
});
