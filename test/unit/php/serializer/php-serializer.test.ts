import fc from '../../../support/property.js';
import { describe, expect, it } from 'vitest';
import { SessionStateError } from '../../../../lib/errors/session-state.error.js';
import { PHP_SERIALIZERS } from '../../../../lib/php/serializer/php-serializer.js';
import {
  PhpArray,
  PhpCustom,
  PhpEnum,
  PhpMap,
  PhpObject,
  PhpReference,
  type PhpSession,
  type PhpValue,
} from '../../../../lib/php/serializer/php-value.js';
import type { PhpLimits } from '../../../../lib/php/serializer/php-limits.js';
import { spell } from '../../../vectors/php/typed-json.js';
import { at, session, treeSession } from './samples.js';

const { php, php_binary: phpBinary, php_serialize: phpSerialize } = PHP_SERIALIZERS;
const bytes = (latin1: string) => Buffer.from(latin1, 'latin1');

function read(latin1: string, limits?: Partial<PhpLimits>): PhpSession {
  const session = php.decode(bytes(latin1), limits);
  if (typeof session === 'string') throw new Error(session);
  return session;
}

/** The value of the variable a. */
const a = (latin1: string): PhpValue => at(read(`a|${latin1}`), 'a');
const written = (value: PhpValue) => php.encode(new PhpMap([['a', value]])).toString('latin1');
const again = (latin1: string) => php.encode(read(latin1)).toString('latin1');

describe.each(Object.values(PHP_SERIALIZERS))('$name', (serializer) => {
  it('reads what it wrote, and writes what it read', () => {
    fc.assert(
      fc.property(treeSession, (session) => {
        const bytes = serializer.encode(session);
        const read = serializer.decode(bytes) as PhpSession;
        const expected = serializer === phpSerialize ? new PhpArray(session) : session;
        expect(spell(read)).toEqual(spell(expected));
        expect(serializer.encode(read)).toEqual(bytes);
      }),
    );
  });

  it('keeps shared values, by reference or as one object, also in circles', () => {
    fc.assert(
      fc.property(session, (session) => {
        const bytes = serializer.encode(session);
        const read = serializer.decode(bytes) as PhpSession;
        expect(serializer.encode(read).toString('latin1')).toBe(bytes.toString('latin1'));
      }),
    );
  });

  it('reads no bytes as an empty session', () => {
    expect((serializer.decode(Buffer.alloc(0)) as PhpSession).size).toBe(0);
  });

  it('reads only its part of a larger buffer', () => {
    const whole = Buffer.concat([bytes('zzz'), serializer.encode(new PhpMap([['a', 1n]])), bytes('zzz')]);
    expect((serializer.decode(whole.subarray(3, -3)) as PhpSession).get('a')).toBe(1n);
  });
});

describe('an empty session', () => {
  it('has no bytes, or is an empty array in php_serialize', () => {
    const texts = Object.values(PHP_SERIALIZERS).map((form) => form.encode(new PhpMap()).toString());
    expect(texts).toEqual(['', '', 'a:0:{}']);
  });
});

describe('names of variables', () => {
  it('stay text when they are digits, in php and php_binary', () => {
    expect([...read('5|i:1;')]).toEqual([['5', 1n]]);
    expect(again('5|i:1;')).toBe('5|i:1;');
  });

  it('are ints when they are digits, in php_serialize', () => {
    const session = phpSerialize.decode(bytes('a:1:{s:1:"5";i:1;}')) as PhpSession;
    expect([...session]).toEqual([[5n, 1n]]);
    expect(session.get('5')).toBe(1n);
  });

  it('keep the first position and the last value if they come twice', () => {
    expect([...read('a|i:1;b|i:2;a|i:3;')]).toEqual([
      ['a', 3n],
      ['b', 2n],
    ]);
  });

  it.each([
    [php, 'a|b', 'The key "a|b" contains "|"'],
    [php, 5n, 'The key 5 is an int'],
    [phpBinary, 5n, 'The key 5 is an int'],
    [phpBinary, 'k'.repeat(128), 'is longer than 127 bytes'],
    [phpBinary, 'é'.repeat(64), 'is longer than 127 bytes'],
  ] as const)('with which PHP would lose the value are refused: %#', (serializer, name, message) => {
    const session = new PhpMap([[name, 1n]]);
    expect(() => serializer.encode(session)).toThrow(SessionStateError);
    expect(() => serializer.encode(session)).toThrow(message);
  });
});

describe('a value', () => {
  it.each([
    ['N;', null],
    ['b:1;', true],
    ['b:0;', false],
    ['i:1;', 1n],
    ['d:1;', 1],
    ['d:-0;', -0],
    ['d:INF;', Infinity],
    ['d:-INF;', -Infinity],
    ['d:NAN;', NaN],
    ['i:9223372036854775807;', 2n ** 63n - 1n],
    ['i:-9223372036854775808;', -(2n ** 63n)],
    ['s:3:"\xe2\x82\xac";', '€'],
    ['s:3:"\xef\xbb\xbf";', '\ufeff'],
    ['s:1:"\xff";', Buffer.from([255])],
    ['s:6:"";i:1;";', '";i:1;'],
  ])('%s is read and written', (text, value) => {
    expect(a(text)).toStrictEqual(value);
    expect(written(value)).toBe(`a|${text}`);
  });

  it.each([
    ['i:+5;', 5n],
    ['i:-0;', 0n],
    ['i:007;', 7n],
    [`i:${'0'.repeat(50)}7;`, 7n],
    ['i:9223372036854775808;', 2n ** 63n - 1n],
    ['i:-9223372036854775809;', -(2n ** 63n)],
    ['i:99999999999999999999999;', 2n ** 63n - 1n],
    ['d:3;', 3],
    ['d:+.5e1;', 5],
    ['d:1.;', 1],
    ['d:1e999;', Infinity],
    ['S:3:"\\61\\4aC";', 'aJC'],
    ['s:0003:"abc";', 'abc'],
  ])('%s is read as PHP reads it', (text, value) => {
    expect(a(text)).toStrictEqual(value);
  });

  it.each([
    ['i:;', 'i:+;', 'i: 5;', 'i:5', 'i:5.0;', 'I:5;'],
    ['d:;', 'd:.;', 'd:1e;', 'd:inf;', 'd:+INF;', 'd:-NAN;', 'd:0x1;'],
    ['b:2;', 'b:;', 'b:true;', 'N:;', 'n;', ''],
    ['s:+1:"a";', 's:2:"a";', 's:1:"ab";', 's:1:a;', 's:1:"a"', 's:-1:"";', 's:99999999999999999999:"a";'],
    ['S:1:"\\4";', 'S:1:"\\4g";', 'S:2:"\\41";', 'S:1:"a'],
    [
      'a:-1:{}',
      'a:+1:{i:0;i:1;}',
      'a:1:{}',
      'a:0:{',
      'a:1:{i:0;i:1;',
      'a:1:{i:0;i:1;i:2;}',
      'a:2:{i:0;i:1;}',
    ],
    ['a:1:{d:1;i:1;}', 'a:1:{N;i:1;}', 'a:1:{R:1;i:1;}', 'a:99999999999999999999:{}'],
    [
      'O:0:"":0:{}',
      'O:3:"a-b":0:{}',
      'O:2:"\\a":0:{}',
      'O:1:"a":-1:{}',
      'O:1:"a":0:{',
      'O:1:"a":1:{}',
      'O:1:"a"',
    ],
    ['C:1:"X":4:{abc}', 'C:1:"X":2:{abc}', 'C:1:"X":-1:{}', 'C:1:"X":3:{abc'],
    ['E:3:"A:B"', 'E:1:"A";', 'E:2:"A:";', 'E:2:":B";', 'E:5:"a-b:C";'],
    ['R:0;', 'R:1;', 'R:2;', 'R:-1;', 'r:1;', 'r:0;', 'R:99999999999999999999;'],
    ['a:2:{i:0;i:1;i:0;R:2;}', 'a:2:{i:0;O:1:"A":0:{}i:0;r:2;}', 'O:1:"a":-1:{i:0;i:1;}'],
  ])('is refused if it is malformed: %s …', (...texts) => {
    expect(texts.map((text) => php.decode(bytes(`a|${text}`)))).toEqual(texts.map(() => 'malformed'));
  });

  it('is refused if only JavaScript has it', () => {
    const values = [2n ** 63n, undefined, () => 1, new Date(), { a: 1 }, ['a'], '\ud800', Symbol('a')];
    for (const value of values) expect(() => written(value as PhpValue)).toThrow(SessionStateError);
  });
});

describe('an array', () => {
  it('has int keys where PHP makes ints of texts', () => {
    const keys = [
      '5',
      '-5',
      '05',
      '-0',
      '+5',
      ' 5',
      '9223372036854775807',
      '9223372036854775808',
      '-9223372036854775808',
    ];
    const array = new PhpArray(keys.map((key) => [key, null]));
    expect(Array.from(array, ([key]) => key)).toEqual([
      5n,
      -5n,
      '05',
      '-0',
      '+5',
      ' 5',
      2n ** 63n - 1n,
      '9223372036854775808',
      -(2n ** 63n),
    ]);
    expect([array.has('5'), array.has(5n), array.has(Buffer.from('5')), array.size]).toEqual([
      true,
      true,
      true,
      9,
    ]);
  });

  it('is a list if its keys are 0, 1, 2 … in this order', () => {
    const lists = ['a:0:{}', 'a:2:{i:0;N;i:1;N;}', 'a:2:{i:1;N;i:0;N;}', 'a:1:{i:1;N;}', 'a:1:{s:1:"x";N;}'];
    expect(lists.map((text) => (a(text) as PhpArray).isList)).toEqual([true, true, false, false, false]);
  });

  it('keeps the first position and the last value of a key that comes twice', () => {
    expect(again('a|a:3:{s:1:"x";i:1;i:2;i:2;s:1:"x";i:3;}')).toBe('a|a:2:{s:1:"x";i:3;i:2;i:2;}');
  });

  it('holds __proto__ and constructor as data', () => {
    const array = a('a:2:{s:9:"__proto__";a:1:{s:1:"x";i:1;}s:11:"constructor";i:2;}') as PhpArray;
    expect(Array.from(array, ([key]) => key)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('can be changed: a new key is added at the end, another keeps its position', () => {
    const array = a('a:2:{i:0;i:1;i:1;i:2;}') as PhpArray;
    array.set(0n, 'x').set('y', true);
    expect(array.delete('1')).toBe(true);
    expect(written(array)).toBe('a|a:2:{i:0;s:1:"x";s:1:"y";b:1;}');
  });
});

describe('an object', () => {
  it('is its class name and properties, whatever the class', () => {
    const object = a('O:9:"Exception":2:{s:7:"\0*\0code";i:1;i:5;N;}') as PhpObject;
    expect(object).toBeInstanceOf(PhpObject);
    expect([object.className, ...object.properties]).toEqual(['Exception', ['\0*\0code', 1n], [5n, null]]);
  });

  it('that its class serializes itself, and a case of an enum, are kept as they are', () => {
    const text = 'a|C:1:"X":3:{a}"}b|E:11:"Suit:Hearts";';
    const session = read(text);
    expect(at(session, 'a')).toEqual(new PhpCustom('X', Buffer.from('a}"')));
    expect(at(session, 'b')).toEqual(new PhpEnum('Suit:Hearts'));
    expect(again(text)).toBe(text);
  });

  it('that comes again is the same object', () => {
    const session = read('a|O:1:"A":1:{s:1:"b";r:1;}b|r:1;c|E:3:"S:H";d|r:4;');
    expect(at(session, 'b')).toBe(at(session, 'a'));
    expect((at(session, 'a') as PhpObject).properties.get('b')).toBe(at(session, 'a'));
    expect(at(session, 'd')).toBe(at(session, 'c'));
  });

  it('is written once, also when two enum cases are equal', () => {
    const [object, one, two] = [new PhpObject('A'), new PhpEnum('S:H'), new PhpEnum('S:H')];
    expect(written(PhpArray.list([object, object, one, two]))).toBe(
      'a|a:4:{i:0;O:1:"A":0:{}i:1;r:2;i:2;E:3:"S:H";i:3;r:4;}',
    );
  });

  it('with a name that no class can have is refused', () => {
    const values = [
      new PhpObject('a"b'),
      new PhpObject(''),
      new PhpCustom('a b', Buffer.alloc(0)),
      new PhpEnum('a'),
    ];
    for (const value of values) expect(() => written(value)).toThrow(SessionStateError);
  });
});

describe('a reference', () => {
  it('makes two entries hold one value', () => {
    const session = read('a|i:1;b|a:1:{i:0;R:1;}c|R:1;');
    const shared = at(session, 'a') as PhpReference;
    expect(shared).toEqual(new PhpReference(1n));
    expect([(at(session, 'b') as PhpArray).get(0n), at(session, 'c')]).toEqual([shared, shared]);
    shared.value = 'x';
    expect(php.encode(session).toString()).toBe('a|s:1:"x";b|a:1:{i:0;R:1;}c|R:1;');
  });

  it('has no number of its own, and the same object has one', () => {
    const text = 'a|i:1;b|R:1;c|O:1:"A":0:{}d|r:2;e|O:1:"B":0:{}f|r:4;';
    const session = read(text);
    expect(at(session, 'f')).toBe(at(session, 'e'));
    expect(again(text)).toBe(text);
  });

  it('to an entry whose key comes twice means its last value', () => {
    expect(again('a|a:3:{s:1:"x";i:1;s:1:"x";i:2;s:1:"y";R:2;}')).toBe('a|a:2:{s:1:"x";i:2;s:1:"y";R:2;}');
  });

  it('to a variable that was replaced means the old value', () => {
    expect(again('a|i:1;a|i:2;b|R:1;')).toBe('a|i:2;b|i:1;');
  });

  it('to a whole session is refused, because PHP writes nothing for one', () => {
    expect(phpSerialize.decode(bytes('a:1:{s:1:"a";R:1;}'))).toBe('not-an-array');
  });

  it('to a value after an object that its class serializes itself is refused, because only that class knows its number', () => {
    expect(php.decode(bytes('a|C:1:"X":0:{}b|O:1:"A":0:{}c|r:2;'))).toBe('uncertain-reference');
    expect(again('b|O:1:"A":0:{}a|C:1:"X":0:{}c|r:1;d|r:2;')).toBe(
      'b|O:1:"A":0:{}a|C:1:"X":0:{}c|r:1;d|r:2;',
    );
    const object = new PhpObject('A');
    expect(() => written(PhpArray.list([new PhpCustom('X', Buffer.alloc(0)), object, object]))).toThrow(
      SessionStateError,
    );
  });
});

describe('php_serialize', () => {
  it.each(['i:5;', 's:1:"x";', 'b:0;', 'O:8:"stdClass":0:{}'])('refuses %s as a session', (text) => {
    expect(phpSerialize.decode(bytes(text))).toBe('not-an-array');
  });

  it('reads null as an empty session, and ignores bytes after the array', () => {
    expect((phpSerialize.decode(bytes('N;')) as PhpSession).size).toBe(0);
    expect((phpSerialize.decode(bytes('a:1:{i:0;i:1;}xyz')) as PhpSession).size).toBe(1);
  });
});

describe('limits', () => {
  const nested = (depth: number) => `a|${'a:1:{i:0;'.repeat(depth)}N;${'}'.repeat(depth)}`;

  it('refuse a session that is too large before it is read', () => {
    expect(php.decode(bytes('a|i:1;'), { size: 5 })).toBe('too-large');
    expect(php.decode(bytes('a|i:1;'), { size: 6 })).toBeInstanceOf(PhpMap);
    expect(php.decode(Buffer.alloc(1_048_577))).toBe('too-large');
  });

  it('refuse a session that is deeper than PHP reads, and never use up the stack', () => {
    expect(again(nested(4096))).toBe(nested(4096));
    expect(php.decode(bytes(nested(4097)))).toBe('too-deep');
    const session = read(nested(200_000), { depth: 200_000, size: 1e7, values: 1e6 });
    expect(php.encode(session, { depth: 200_000, size: 1e7, values: 1e6 }).length).toBe(
      nested(200_000).length,
    );
    expect(() => php.encode(session)).toThrow(SessionStateError);
  });

  it('refuse a session with too many values, nested ones and references included', () => {
    const text = 'a|a:2:{i:0;i:1;i:1;R:2;}';
    expect(php.decode(bytes(text), { values: 3 })).toBeInstanceOf(PhpMap);
    expect(php.decode(bytes(text), { values: 2 })).toBe('too-many-values');
    expect(() => php.encode(read(text), { values: 2 })).toThrow(SessionStateError);
  });

  it('stop the writing of arrays that contain themselves or one another very often', () => {
    const circle = new PhpArray();
    circle.set('a', circle);
    expect(() => written(circle)).toThrow('in a circle');
    let twice = PhpArray.list(['x']);
    for (let i = 0; i < 60; i++) twice = PhpArray.list([twice, twice]);
    expect(() => written(twice)).toThrow('more than');
  });
});
