import fc from '../support/property.js';
import { describe, expect, it } from 'vitest';
import { PHP_SERIALIZERS, type PhpSerializer } from '../../lib/php/serializer/php-serializer.js';
import { sessionFromJson, sessionToJson } from '../../lib/php/serializer/json-merge.js';
import type { PhpRefusal } from '../../lib/php/serializer/refusal.js';
import type { PhpSession } from '../../lib/php/serializer/php-value.js';
import { session } from '../unit/php/serializer/samples.js';

const FULL = process.env.FUZZ === 'full';
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const ROUNDS = FULL ? 200_000 : 3_000;
const options = { numRuns: ROUNDS, seed: SEED };

const REFUSALS: readonly PhpRefusal[] = [
  'too-large',
  'too-deep',
  'too-many-values',
  'malformed',
  'not-an-array',
  'uncertain-reference',
];

/** A part of the grammar, whole or broken. */
const token = fc.constantFrom(
  ...'N; b:1; i:+5; i:9223372036854775808; d:.5; d:-INF; d:1e999; s:1:"a"; s:1:"5"; S:1:"\\41"; a:0:{}'.split(
    ' ',
  ),
  ...'a:2:{i:0; a:1:{s:1:"5"; } R:1; R:2; R:3; r:1; r:2; r:4; O:8:"stdClass":1:{ O:1:"A"::{} C:1:"X":1:{x}'.split(
    ' ',
  ),
  ...'E:3:"S:H"; a| b| | : " ; 9 - \0'.split(' '),
);

interface Change {
  readonly at: number;
  readonly cut: number;
  readonly put: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  cut: fc.nat(6),
  put: fc.oneof(token, fc.constant(''), fc.string({ unit: 'binary-ascii', maxLength: 3 })),
});

const apply = (text: string, { at, cut, put }: Change): string => {
  const start = at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + cut);
};

/** Bytes are a session that can be shown and written again, or a refusal. Gives whether they are a session. */
function holds(serializer: PhpSerializer, bytes: Buffer): boolean {
  const session = serializer.decode(bytes);
  if (typeof session === 'string') {
    expect(REFUSALS).toContain(session);
    return false;
  }
  const written = serializer.encode(session);
  const again = serializer.decode(written) as PhpSession;
  expect(serializer.encode(again)).toEqual(written);
  expect(serializer.encode(sessionFromJson(sessionToJson(again), again))).toEqual(written);
  return true;
}

describe.each(Object.values(PHP_SERIALIZERS))('Bytes of a stranger, as $name', (serializer) => {
  const { name } = serializer;

  it(`never throw when they are random, ${ROUNDS} of them`, { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void holds(serializer, Buffer.from(bytes))),
      options,
    );
  });

  it(`never throw when they are parts of the grammar, ${ROUNDS} of them`, { timeout: 600_000 }, () => {
    const lead = { php: 'a|', php_binary: '\x01a', php_serialize: 'a:1:{i:0;' }[name];
    let sessions = 0;
    fc.assert(
      fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
        if (holds(serializer, Buffer.from(lead + tokens.join(''), 'latin1'))) sessions++;
      }),
      options,
    );
    console.info(`${name}: ${sessions} of ${ROUNDS} were sessions, seed ${SEED}`);
    expect(sessions).toBeGreaterThan(0);
  });

  it(`never throw when they are changed sessions, ${ROUNDS} of them`, { timeout: 600_000 }, () => {
    let sessions = 0;
    fc.assert(
      fc.property(session, fc.array(change, { minLength: 1, maxLength: 3 }), (session, changes) => {
        const text = changes.reduce(apply, serializer.encode(session).toString('latin1'));
        if (holds(serializer, Buffer.from(text, 'latin1'))) sessions++;
      }),
      options,
    );
    console.info(`${name}: ${sessions} of ${ROUNDS} were sessions still, seed ${SEED}`);
    expect([sessions > 0, sessions < ROUNDS]).toEqual([true, true]);
  });
});

describe('Bytes that are made to take long', () => {
  const SIZE = 4_000_000;
  const limits = { size: 2 * SIZE, values: SIZE, depth: SIZE };
  const filled = (unit: string) => unit.repeat(SIZE / unit.length);
  const list = (member: (i: number) => string, count: number) =>
    `a|a:${count}:{${Array.from({ length: count }, (_, i) => `i:${i};${member(i)}`).join('')}}`;

  it.each<[string, string]>([
    ['an int of very many zeros', `a|i:${filled('0')}`],
    ['an int of very many digits', `a|i:${filled('9')};`],
    ['a float of very many digits', `a|d:1.${filled('3')}e`],
    ['a float of a very long exponent', `a|d:1e${filled('9')};`],
    ['a length of very many digits', `a|s:${filled('0')}1:"a`],
    ['no end of a name', filled('a')],
    ['very many names', filled('a|N;')],
    ['names that are all different', Array.from({ length: 400_000 }, (_, i) => `${i}|N;`).join('')],
    ['an escaped text', `a|S:${SIZE / 4}:"${filled('\\41')}`],
    ['arrays in arrays', `a|${filled('a:1:{i:0;')}`],
    ['objects in objects', `a|${filled('O:1:"A":1:{i:0;')}`],
    ['arrays that are closed', `a|${'a:1:{i:0;'.repeat(300_000)}N;${'}'.repeat(300_000)}`],
    [
      'very many references',
      `a|N;b|a:200000:{${Array.from({ length: 200_000 }, (_, i) => `i:${i};R:1;`).join('')}}`,
    ],
    ['very many objects and who they are', list((i) => (i % 2 ? `r:${i + 1};` : 'O:1:"A":0:{}'), 150_000)],
    ['one key again and again', `a|a:600000:{${'i:7;N;'.repeat(600_000)}}`],
    [
      'int keys that differ in their high bits alone',
      `a|a:150000:{${Array.from({ length: 150_000 }, (_, i) => `i:${BigInt(i) << 40n};N;`).join('')}}`,
    ],
    ['a count that is no count', `a|a:999999999:{${filled('i:0;N;')}`],
  ])('%s', { timeout: 120_000 }, (_what, text) => {
    // Quadratic time would be minutes for each of them, and run into the limit.
    const bytes = Buffer.from(text, 'latin1');
    const session = PHP_SERIALIZERS.php.decode(bytes, limits);
    if (typeof session === 'string') return expect(session).not.toBe('');
    PHP_SERIALIZERS.php.encode(session, limits);
    expect(sessionFromJson(sessionToJson(session), session)).toBeDefined();
  });
});
