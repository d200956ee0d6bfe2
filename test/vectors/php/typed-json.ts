import { PhpArray, PhpCustom, PhpEnum, PhpMap, PhpObject, PhpReference, type PhpKey, type PhpPlain, type PhpValue } from '../../../lib/php/serializer/php-value.js';
import type { PhpText } from '../../../lib/php/serializer/php-text.js';

/** The notation of PHP's values in the vectors; see README.md. */
export type Typed = null | boolean | TypedValue;
type TypedKey = readonly [kind: 'i' | 's' | 'b', text: string];
export interface TypedValue {
  readonly t: string;
  readonly v?: string | Typed;
  readonly b64?: string;
  readonly list?: boolean;
  readonly id?: number;
  readonly class?: string;
  readonly case?: string;
  readonly e?: readonly (readonly [TypedKey, Typed])[];
}

/** Values that only a running PHP can have. */
export const isOnlyInPhp = (typed: Typed): boolean =>
  JSON.stringify(typed).includes('{"t":"resource"') || JSON.stringify(typed).includes('"class":"Closure"');

/** Returns the value that typed JSON describes. */
export function fromTyped(typed: Typed): PhpValue {
  const [objects, references] = [new Map<number, PhpPlain>(), new Map<number, PhpReference>()];

  const text = (key: TypedKey): PhpText => (key[0] === 'b' ? Buffer.from(key[1], 'base64') : key[1]);
  const fill = <T extends PhpMap>(map: T, { e }: TypedValue): T => {
    for (const [key, item] of e!) map.set(key[0] === 'i' ? BigInt(key[1]) : text(key), build(item));
    return map;
  };
  const object = (value: TypedValue): PhpValue => {
    const name = value.e?.find(([key]) => key[1] === '__PHP_Incomplete_Class_Name');
    if (value.class !== '__PHP_Incomplete_Class' || !name)
      return remember(value, new PhpObject(value.class!));
    const e = value.e!.filter((entry) => entry !== name);
    return remember({ ...value, e }, new PhpObject(String((name[1] as TypedValue).v)));
  };
  const remember = (value: TypedValue, made: PhpObject): PhpObject => {
    objects.set(value.id!, made);
    // Names of properties are text, although the vectors write some of them as ints.
    for (const [key, item] of value.e!) made.properties.set(text(key), build(item));
    return made;
  };
  const reference = (value: TypedValue): PhpReference => {
    const made = new PhpReference(null);
    references.set(value.id!, made);
    made.value = build(value.v as Typed) as PhpPlain;
    return made;
  };
  const enumCase = (value: TypedValue): PhpEnum => {
    const made = new PhpEnum(`${value.class}:${value.case}`);
    if (value.id !== undefined) objects.set(value.id, made);
    return made;
  };
  const KINDS: Readonly<Record<string, (value: TypedValue) => PhpValue>> = {
    int: ({ v }) => BigInt(v as string),
    float: ({ v }) => FLOAT_WORDS[v as string] ?? Number(v),
    str: ({ v }) => v as string,
    bin: ({ b64 }) => Buffer.from(b64!, 'base64'),
    arr: (value) => fill(new PhpArray(), value),
    obj: object,
    objto: ({ id }) => objects.get(id!)!,
    ref: reference,
    refto: ({ id }) => references.get(id!)!,
    enum: enumCase,
  };
  function build(value: Typed): PhpValue {
    return value === null || typeof value === 'boolean' ? value : KINDS[value.t]!(value);
  }
  return build(typed);
}

const FLOAT_WORDS: Readonly<Record<string, number>> = { INF: Infinity, '-INF': -Infinity, NAN: NaN };

/** Spells a value out, so that two values are equal if their spellings are. Strings have one character per byte. Each object
 *  and reference has the number of its first position. */
export type Spelt = null | boolean | string | { readonly [part: string]: unknown };

export function spell(value: PhpValue | PhpMap): Spelt {
  const numbers = new Map<unknown, number>();
  const bytes = (text: PhpText) => Buffer.from(text as string).toString('latin1');
  const once = (what: unknown, spelling: (id: number) => Spelt): Spelt => {
    const there = numbers.get(what);
    if (there !== undefined) return { again: there };
    numbers.set(what, numbers.size);
    return spelling(numbers.size - 1);
  };
  const key = (key: PhpKey) => (typeof key === 'bigint' ? `int ${key}` : `str ${bytes(key)}`);
  const entries = (map: PhpMap) => Array.from(map, ([name, item]) => [key(name), visit(item)]);
  const visit = (value: PhpValue): Spelt => {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'bigint') return `int ${value}`;
    if (typeof value === 'number') return `float ${Object.is(value, -0) ? '-0' : value}`;
    if (typeof value === 'string' || value instanceof Uint8Array) return `str ${bytes(value)}`;
    if (value instanceof PhpReference)
      return once(value, (id) => ({ reference: id, value: visit(value.value) }));
    if (value instanceof PhpEnum) return { enum: bytes(value.name) };
    if (value instanceof PhpCustom) return { object: bytes(value.className), custom: bytes(value.data) };
    if (value instanceof PhpObject)
      return once(value, () => ({ object: bytes(value.className), properties: entries(value.properties) }));
    return { array: entries(value) };
  };
  return value instanceof PhpMap ? { array: entries(value) } : visit(value);
}
