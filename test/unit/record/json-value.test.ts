import fc from '../../support/property.js';
import { describe, expect, it } from 'vitest';
import { SessionStateError } from '../../../lib/errors/session-state.error.js';
import {
  checkKey,
  deepFreeze,
  MAX_DEPTH,
  parseJsonObject,
  toJsonValue,
} from '../../../lib/record/json-value.js';

class Basket {
  items = [1];
}

const nested = (depth: number): unknown => (depth ? [nested(depth - 1)] : 'bottom');
const circle: Record<string, unknown> = {};
circle.self = circle;
// oxlint-disable-next-line no-sparse-arrays
const holed = [1, , 3];

const REFUSED: { what: string; value: unknown; says: RegExp }[] = [
  { what: 'undefined', value: undefined, says: /^cart is undefined, which JSON drops/ },
  { what: 'undefined inside', value: { a: [1, undefined] }, says: /^cart\.a\[1\] is undefined/ },
  { what: 'a function', value: { a: () => 1 }, says: /^cart\.a is a function/ },
  { what: 'a function alone', value: () => 1, says: /^cart is a function/ },
  { what: 'a toJSON', value: { toJSON: () => 1 }, says: /^cart\.toJSON is a function/ },
  { what: 'a symbol', value: [Symbol('x')], says: /^cart\[0\] is a symbol/ },
  { what: 'a symbol as a key', value: { a: { [Symbol('x')]: 1 } }, says: /^cart\.a has a symbol as a key/ },
  { what: 'a symbol as a key of an array', value: Object.assign([1], { [Symbol('x')]: 1 }), says: /^cart / },
  { what: 'a bigint', value: { a: 1n }, says: /^cart\.a is a bigint/ },
  { what: 'NaN', value: [Number.NaN], says: /^cart\[0\] is not a finite number/ },
  { what: 'Infinity', value: { a: -Infinity }, says: /^cart\.a is not a finite number/ },
  { what: '-0', value: { a: { b: -0 } }, says: /^cart\.a\.b is -0/ },
  { what: 'a Date', value: { at: new Date(0) }, says: /^cart\.at is a Date/ },
  { what: 'a Map', value: new Map(), says: /^cart is a Map/ },
  { what: 'a Set', value: [new Set()], says: /^cart\[0\] is a Set/ },
  { what: 'a Buffer', value: Buffer.from('x'), says: /^cart is a Buffer/ },
  { what: 'a class instance', value: { a: new Basket() }, says: /^cart\.a is a Basket/ },
  { what: 'a boxed text', value: Object('x'), says: /^cart is a String/ },
  { what: 'a RegExp', value: /x/, says: /^cart is a RegExp/ },
  { what: 'an Error', value: new Error('x'), says: /^cart is a Error/ },
  { what: 'a hole', value: { a: holed }, says: /^cart\.a\[1\] is a hole/ },
  { what: 'an array of holes', value: Array(3), says: /^cart\[0\] is a hole/ },
  {
    what: 'an array with a name',
    value: Object.assign([1], { total: 5 }),
    says: /^cart is an array with named properties/,
  },
  { what: 'a circle', value: circle, says: /^cart(\.self){32} lies deeper than 32 levels, or in a circle/ },
  { what: 'depth 33', value: nested(33), says: /lies deeper than 32/ },
  {
    what: '__proto__',
    value: JSON.parse('{"a":{"__proto__":{"admin":true}}}'),
    says: /^cart\.a\.__proto__ is not allowed/,
  },
  {
    what: 'constructor.prototype',
    value: { constructor: { prototype: {} } },
    says: /^cart\.constructor\.prototype is not allowed/,
  },
];

const json = fc
  .jsonValue({ maxDepth: 6 })
  .filter((value) => !/-0|__proto__|constructor/.test(JSON.stringify(value)) && !hasMinusZero(value));

function hasMinusZero(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(hasMinusZero);
  return Object.is(value, -0);
}

describe('toJsonValue', () => {
  it.each(REFUSED)('refuses $what and names the place', ({ value, says }) => {
    expect(() => toJsonValue(value, 'cart')).toThrow(SessionStateError);
    expect(() => toJsonValue(value, 'cart')).toThrow(says);
  });

  it('gives what JSON would give back, in a copy of its own', () => {
    fc.assert(
      fc.property(json, (value) => {
        const copy = toJsonValue(value, 'cart');
        expect(copy).toEqual(JSON.parse(JSON.stringify(value)));
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
      }),
      { numRuns: 500 },
    );
  });

  it('gives what JSON gives back or throws, whatever the value', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withSparseArray: true,
      withNullPrototype: true,
      withTypedArray: true,
      withBoxedValues: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        let copy: unknown;
        try {
          copy = toJsonValue(value, 'cart');
        } catch (error) {
          expect(error).toBeInstanceOf(SessionStateError);
          return;
        }
        expect(copy).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 2000 },
    );
  });

  it('freezes the copy throughout and leaves the original as it was', () => {
    const value = { a: [{ b: 1 }] };
    const copy = toJsonValue(value, 'cart') as typeof value;
    expect([copy, copy.a, copy.a[0]].every(Object.isFrozen)).toBe(true);
    expect(Object.isFrozen(value)).toBe(false);
    value.a[0]!.b = 2;
    expect(copy.a[0]!.b).toBe(1);
  });

  it('takes an object without a prototype, and one value in two places', () => {
    const shared = { x: 1 };
    expect(
      toJsonValue(Object.assign(Object.create(null) as object, { a: shared, b: shared }), 'cart'),
    ).toEqual({ a: { x: 1 }, b: { x: 1 } });
  });

  it('takes 32 levels', () => {
    expect(toJsonValue(nested(MAX_DEPTH), 'cart')).toEqual(nested(MAX_DEPTH));
  });

  it.each(['constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'takes %s for a key like any other',
    (key) => {
      expect(toJsonValue({ [key]: 'x' }, 'cart')).toEqual({ [key]: 'x' });
    },
  );

  it('carries a lone half of a surrogate pair', () => {
    const copy = toJsonValue('\ud800', 'cart');
    expect(JSON.parse(Buffer.from(JSON.stringify(copy)).toString())).toBe('\ud800');
  });
});

describe('checkKey', () => {
  it.each(['', undefined, null, 5, Symbol('x'), '__proto__'])('refuses the key %s', (key) => {
    expect(() => checkKey(key)).toThrow(SessionStateError);
  });

  it('takes any other text', () => {
    for (const key of ['cart', 'constructor', 'ключ', ' ']) expect(() => checkKey(key)).not.toThrow();
  });

  it('and toJsonValue together let nothing pass that cannot be read back', () => {
    const read = () => {
      checkKey('constructor');
      const data = { constructor: toJsonValue({ prototype: 1 }, 'constructor') };
      return parseJsonObject(JSON.stringify({ d: data }));
    };
    let result: unknown = 'refused';
    try {
      result = read();
    } catch {}
    expect(result).toBeDefined();
  });
});

describe('deepFreeze', () => {
  it('freezes every part, and gives the same value back', () => {
    const value = { a: [{ b: {} }], c: null };
    expect(deepFreeze(value)).toBe(value);
    expect([value, value.a, value.a[0], value.a[0]!.b].every(Object.isFrozen)).toBe(true);
  });

  it('leaves what is no object alone', () => {
    for (const value of [undefined, null, 5, 'x', true]) expect(deepFreeze(value)).toBe(value);
  });
});

describe('parseJsonObject', () => {
  it('parses what JSON.stringify makes of an object', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(parseJsonObject(JSON.stringify({ value }))).toEqual(JSON.parse(JSON.stringify({ value })));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '',
    'null',
    '5',
    '"x"',
    '[]',
    '{',
    '{"a":1}}',
    "{'a':1}",
    '{"a":1,}',
    '{"a":NaN}',
    '\ufeff{}',
    '{}\0',
  ])('refuses %j', (text) => {
    expect(parseJsonObject(text)).toBeUndefined();
  });

  it.each([
    '{"__proto__":{"admin":true}}',
    '{"a":[{"__proto__":1}]}',
    '{"\\u005f_proto__":{"admin":true}}',
    '{"a":{"__pro\\u0074o__":1}}',
    '{"\\u005F\\u005F\\u0070\\u0072\\u006F\\u0074\\u006F\\u005F\\u005F":1}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"a":{"constructor":{"prototype":1}}}',
    '{"constructor":{"\\u0070rototype":1}}',
    '{"c\\u006fnstructor":{"prototype":1}}',
  ])('refuses the prototype key in %s', (text) => {
    expect(JSON.parse(text)).toBeTypeOf('object');
    expect(parseJsonObject(text)).toBeUndefined();
  });

  it.each([
    '{"a":"__proto__"}',
    '{"constructor":1}',
    '{"prototype":{"constructor":1}}',
    '{"a":"\\u005f_proto__"}',
    '{"__proto":1}',
  ])('takes %s, which is harmless', (text) => {
    expect(parseJsonObject(text)).toEqual(JSON.parse(text));
  });

  it('refuses what lies too deep before it parses, and counts no brackets inside texts', () => {
    const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    expect(parseJsonObject(deep(MAX_DEPTH + 2))).toBeDefined();
    expect(parseJsonObject(deep(MAX_DEPTH + 3))).toBeUndefined();
    expect(parseJsonObject(deep(1_000_000))).toBeUndefined();
    const mixed = (pairs: number) => `${'{"a":['.repeat(pairs)}1${']}'.repeat(pairs)}`;
    expect(parseJsonObject(mixed(MAX_DEPTH / 2 + 1))).toBeDefined();
    expect(parseJsonObject(mixed(MAX_DEPTH / 2 + 2))).toBeUndefined();
    for (const text of ['[', '{', '\\"[', '"', '\\', '\\\\"'])
      expect(parseJsonObject(JSON.stringify({ [text.repeat(50)]: text.repeat(100) }))).toBeDefined();
  });

  it('reads back every value that toJsonValue lets pass, at full depth too', () => {
    expect(
      parseJsonObject(JSON.stringify({ d: { cart: toJsonValue(nested(MAX_DEPTH), 'cart') } })),
    ).toBeDefined();
  });
});
