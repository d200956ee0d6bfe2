import fc from '../../../support/property.js';
import {
  PhpArray,
  PhpEnum,
  PhpMap,
  PhpObject,
  PhpReference,
  type PhpEntry,
  type PhpKey,
  type PhpPlain,
  type PhpValue,
} from '../../../../lib/php/serializer/php-value.js';
import type { PhpText } from '../../../../lib/php/serializer/php-text.js';

const int = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text: fc.Arbitrary<PhpText> = fc.oneof(
  { arbitrary: fc.string({ maxLength: 12 }), weight: 4 },
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.uint8Array({ maxLength: 12 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    '5',
    '05',
    '-0',
    '-7',
    '9223372036854775808',
    '";i:1;}',
    'a|b',
    '\0*\0p',
  ),
);
const scalar: fc.Arbitrary<PhpPlain> = fc.oneof(
  fc.constantFrom<PhpPlain>(null, true, false, -0, NaN, Infinity, -Infinity, 1, 1n, ''),
  int,
  fc.maxSafeInteger().map(BigInt),
  fc.double(),
  fc.maxSafeInteger().map((n) => n / 1000),
  text,
);
const key: fc.Arbitrary<PhpKey> = fc.oneof(int, fc.nat(3).map(BigInt), text);
const property: fc.Arbitrary<PhpKey> = text.map((name) =>
  typeof name === 'string' ? name.replace(/^\0+/, '') : Buffer.concat([Buffer.from('x'), name]),
);

const { value } = fc.letrec<{ value: PhpPlain; array: PhpArray; list: PhpArray; object: PhpObject }>(
  (tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { arbitrary: scalar, weight: 4 },
      tie('list'),
      tie('array'),
      tie('object'),
      fc.constantFrom('Suit:Hearts', 'Suit:Spades').map((name) => new PhpEnum(name)),
    ),
    list: fc.array(tie('value'), { maxLength: 5 }).map((values) => PhpArray.list(values)),
    array: fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => new PhpArray(entries)),
    object: fc
      .tuple(
        fc.constantFrom('stdClass', 'App\\Missing'),
        fc.array(fc.tuple(property, tie('value')), { maxLength: 4 }),
      )
      .map(([name, entries]) => new PhpObject(name, new PhpMap(entries))),
  }),
);

const name: fc.Arbitrary<PhpText> = fc
  .oneof(fc.string({ maxLength: 8 }), text)
  .map((name) =>
    typeof name === 'string'
      ? name.replaceAll('|', '!')
      : Buffer.from(name).map((byte) => (byte === 124 ? 33 : byte)),
  );

/** Sessions without shared values. */
export const treeSession: fc.Arbitrary<PhpMap> = fc
  .array(fc.tuple(name, value), { maxLength: 6 })
  .map((entries) => new PhpMap(entries));

/** Sessions in which some entries share references or objects, also in circles. */
export const session: fc.Arbitrary<PhpMap> = fc
  .tuple(treeSession, fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { maxLength: 4 }))
  .map(([session, links]) => {
    const places = placesOf(session);
    for (const [from, to, asReference] of places.length ? links : [])
      link(places[from % places.length]!, places[to % places.length]!, asReference);
    return session;
  });

function placesOf(session: PhpMap): PhpEntry[] {
  const places = [...session.entries()];
  for (const { value } of places) {
    if (value instanceof PhpObject) places.push(...value.properties.entries());
    else if (value instanceof PhpArray) places.push(...value.entries());
  }
  return places;
}

function link(from: PhpEntry, to: PhpEntry, asReference: boolean): void {
  if (from === to) return;
  if (asReference && !(from.value instanceof PhpReference)) from.value = new PhpReference(from.value);
  if (from.value instanceof PhpReference || from.value instanceof PhpObject) to.value = from.value;
}

/** Returns the value of a key that exists. */
export function at(map: PhpMap, key: PhpKey): PhpValue {
  const value = map.get(key);
  if (value === undefined) throw new Error(`No ${String(key)}`);
  return value;
}
