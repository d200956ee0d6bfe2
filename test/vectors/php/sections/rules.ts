import { isDeepStrictEqual } from 'node:util';
import type { Rule } from '../php-session.js';
import type { Spelt } from '../typed-json.js';

/** The results of this package and of PHP. `undefined` if the bytes were refused or nothing was written. */
export interface Pair {
  readonly ours: Spelt | undefined;
  readonly theirs: Spelt | undefined;
  /** The input of both. */
  readonly bytes: string;
}

export interface PairRule extends Rule {
  covers(pair: Pair): boolean;
}

/** Reports whether both are the same after `change` was applied to each part of them. */
const alike =
  (change: (part: Record<string, unknown>) => Record<string, unknown>) =>
  ({ ours, theirs }: Pair): boolean =>
    ours !== undefined &&
    theirs !== undefined &&
    isDeepStrictEqual(mapParts(ours, change), mapParts(theirs, change));

function mapParts(
  value: unknown,
  change: (part: Record<string, unknown>) => Record<string, unknown>,
): unknown {
  if (Array.isArray(value)) return value.map((item) => mapParts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(change(value as Record<string, unknown>));
  return Object.fromEntries(parts.map(([name, part]) => [name, mapParts(part, change)]));
}

const has = (value: unknown, name: string) => JSON.stringify(value)?.includes(`"${name}":`) ?? false;

/** The intended differences from PHP. */
export const PAIR_RULES: readonly PairRule[] = [
  {
    name: 'no class is looked up',
    reason:
      'PHP refused a case that its enum does not have, or an enum it does not know; here it is kept as it is',
    covers: ({ ours, theirs }) => theirs === undefined && has(ours, 'enum'),
  },
  {
    name: 'spelling of a class',
    reason: 'PHP replaced the name of a class by the spelling of its declaration; here it is kept as it was read',
    covers: alike((part) =>
      'object' in part ? { ...part, object: String(part['object']).toLowerCase() } : part,
    ),
  },
  {
    name: 'data of a class that serializes itself is kept',
    reason:
      'PHP threw away what an object in a form of its own (C:) held, as it did not know the class; here it is kept',
    covers: alike((part) => ('custom' in part ? { object: part['object'], properties: [] } : part)),
  },
  {
    name: 'int properties are kept',
    reason:
      'PHP made text of the int key of a property; here it is kept, as __unserialize would be given the int',
    covers: alike((part) =>
      'properties' in part
        ? {
            ...part,
            properties: (part['properties'] as [string, unknown][]).map(([key, item]) => [
              key.replace(/^int /, 'str '),
              item,
            ]),
          }
        : part,
    ),
  },
  {
    name: 'code of a class',
    reason:
      'PHP ran __serialize, __wakeup or other code of a class; here none runs, and an object is what its bytes say',
    covers: alike((part) =>
      'object' in part && part['object'] !== 'stdClass' ? { object: part['object'] } : part,
    ),
  },
  {
    name: 'a session is an array',
    reason: 'PHP accepted a value that is not an array as a whole session, which then has no variables',
    covers: ({ ours, theirs }) =>
      ours === undefined && theirs !== undefined && !(has(theirs, 'array') && isArray(theirs)),
  },
  {
    name: 'no wrapped lengths',
    reason: 'PHP accepted a length or number of more than 64 bits modulo 2^64; here it is refused',
    covers: ({ ours, theirs, bytes }) =>
      ours === undefined && theirs !== undefined && /[sSaOCERr]:0*[1-9][0-9]{18}/.test(bytes),
  },
  {
    name: 'uncertain references',
    reason:
      'what follows an object in a form of its own (C:) can only be numbered by its class; a reference to it is refused',
    covers: ({ ours, theirs, bytes }) =>
      ours === undefined && theirs !== undefined && /C:[0-9]+:"[^]*[rR]:[0-9]+;/.test(bytes),
  },
];

const isArray = (value: Spelt): boolean => typeof value === 'object' && value !== null && 'array' in value;

/** Returns the rule that covers a pair of different results. Throws if there is none. */
export function ruleFor(what: string, pair: Pair, rules: readonly PairRule[] = PAIR_RULES): Rule | undefined {
  if (isDeepStrictEqual(pair.ours, pair.theirs)) return undefined;
  const rule = rules.find((rule) => rule.covers(pair));
  if (rule) return rule;
  throw new Error(
    `${what} differs from PHP\nours:   ${JSON.stringify(pair.ours)}\ntheirs: ${JSON.stringify(pair.theirs)}`,
  );
}
