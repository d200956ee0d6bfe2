import { describe, expect, it } from 'vitest';
import { SUITES } from '../../lib/crypto/suites.js';
import { decodeBase64url, encodeBase64url } from '../../lib/envelope/base64url.js';
import { NO_ROW } from '../../lib/envelope/envelope-context.js';
import { ReferenceTokens } from '../../lib/envelope/reference-token.js';
import { ringOf } from '../unit/crypto/rings.js';
import { context, envelopeOf, flipped } from '../unit/envelope/samples.js';

const FULL = process.env.FUZZ === 'full';
const ROUNDS = FULL ? 1_000_000 : 20_000;
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const SAMPLES = 50;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** xorshift32: the same seed gives the same mutations. */
class Dice {
  constructor(private state: number) {
    this.state = state >>> 0 || 1;
  }

  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % limit;
  }

  pick<T>(from: ArrayLike<T>): T {
    return from[this.below(from.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

/** Makes a text of one sealed text and another. */
type Mutation = (dice: Dice, text: string, other: string) => string;

const onBytes =
  (change: (dice: Dice, bytes: Buffer, other: Buffer) => Buffer): Mutation =>
  (dice, text, other) =>
    encodeBase64url(change(dice, Buffer.from(text, 'base64url'), Buffer.from(other, 'base64url')));

const cut = (bytes: Buffer, at: number, length: number, put: Buffer) =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + length)]);

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'flip one bit': onBytes((dice, bytes) => flipped(bytes, dice.below(bytes.length * 8))),
  'flip some bits': onBytes((dice, bytes) => {
    let forged = bytes;
    for (let i = dice.below(8) + 2; i; i--) forged = flipped(forged, dice.below(bytes.length * 8));
    return forged;
  }),
  truncate: onBytes((dice, bytes) => bytes.subarray(0, dice.below(bytes.length))),
  'cut the beginning off': onBytes((dice, bytes) => bytes.subarray(dice.below(bytes.length) + 1)),
  'remove inside': onBytes((dice, bytes) =>
    cut(bytes, dice.below(bytes.length), dice.below(20) + 1, Buffer.alloc(0)),
  ),
  insert: onBytes((dice, bytes) =>
    cut(bytes, dice.below(bytes.length + 1), 0, dice.bytes(dice.below(20) + 1)),
  ),
  replace: onBytes((dice, bytes) => {
    const length = Math.min(bytes.length, dice.below(40) + 1);
    return cut(bytes, dice.below(bytes.length - length + 1), length, dice.bytes(length));
  }),
  'keep the header, replace all else': onBytes((dice, bytes) =>
    Buffer.concat([bytes.subarray(0, 5), dice.bytes(bytes.length - 5)]),
  ),
  'splice two': onBytes((dice, bytes, other) => {
    const at = dice.below(Math.min(bytes.length, other.length));
    return Buffer.concat([bytes.subarray(0, at), other.subarray(at)]);
  }),
  'take a field of another': onBytes((dice, bytes, other) => {
    const [start, end] = dice.pick([
      [0, 5],
      [5, 17],
      [17, 29],
      [29, 61],
      [61, bytes.length - 16],
      [bytes.length - 16, bytes.length],
      [0, 17],
      [0, 61],
      [17, 61],
    ] as const);
    return Buffer.concat([bytes.subarray(0, start), other.subarray(start, end), bytes.subarray(end)]);
  }),
  're-encode': (dice, text) =>
    dice.pick([
      reencode(text, 'base64'),
      reencode(text, 'hex'),
      `${text}=`,
      ` ${text}`,
      `${text}\n`,
      `"${text}"`,
      `${text}.`,
      encodeURIComponent(`${text}=`),
      text.toUpperCase(),
      text.toLowerCase(),
    ]),
  'spell the last bits otherwise': (dice, text) => text.slice(0, -1) + dice.pick(ALPHABET),
  'put a character in': (dice, text) => {
    const at = dice.below(text.length + 1);
    return text.slice(0, at) + dice.pick(' \t\r\n=+/.%\0é') + text.slice(at);
  },
};

const reencode = (text: string, encoding: 'base64' | 'hex') =>
  Buffer.from(text, 'base64url').toString(encoding);

interface Target {
  readonly samples: readonly string[];
  opens(text: string): boolean;
}

/** How many of `rounds` mutations open. What happens to be a sample again is no mutation and does not count. */
async function attack(
  { samples, opens }: Target,
  rounds: number,
): Promise<{ tried: Map<string, number>; opened: string[] }> {
  const dice = new Dice(SEED);
  const names = Object.keys(MUTATIONS);
  const whole = new Set(samples);
  const tried = new Map(names.map((name) => [name, 0]));
  const opened: string[] = [];
  for (let round = 0; round < rounds;) {
    const name = dice.pick(names);
    const text = MUTATIONS[name]!(dice, dice.pick(samples), dice.pick(samples));
    if (whole.has(text)) continue;
    tried.set(name, tried.get(name)! + 1);
    if (opens(text)) opened.push(`${name}: ${text}`);
    if (++round % 20_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return { tried, opened };
}

function flipAll({ samples, opens }: Target): { flips: number; opened: number } {
  let flips = 0;
  let opened = 0;
  for (const sample of samples) {
    const bytes = Buffer.from(sample, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++, flips++)
      if (opens(encodeBase64url(flipped(bytes, bit)))) opened++;
  }
  return { flips, opened };
}

/** Envelopes of all suites and two keys, the older one sealing some; every epoch key is in the cache.
 *  Half of them share an epoch with others, so that fields of equal epochs meet. */
async function envelopes(): Promise<Target> {
  const [old, keys] = [{ ring: await ringOf(2) }, { ring: await ringOf(1, 2) }];
  const reader = envelopeOf(keys, { cacheSize: 1000 });
  const opens = (text: string) => {
    const bytes = decodeBase64url(text);
    return bytes !== undefined && typeof reader.open(bytes, context(), NO_ROW) !== 'string';
  };
  const shared = SUITES.map((suite) => envelopeOf(keys, { suite }));
  const samples = Array.from({ length: SAMPLES }, (_, i) => {
    const suite = SUITES[i % SUITES.length]!;
    const writer = i % 2 ? shared[i % SUITES.length]! : envelopeOf(i % 5 ? keys : old, { suite });
    return encodeBase64url(writer.seal(Buffer.alloc(i * 3, 'text '), context(), NO_ROW) as Buffer);
  });
  return { samples, opens };
}

async function references(): Promise<Target> {
  const [old, ring] = [await ringOf(2), await ringOf(1, 2)];
  const reader = new ReferenceTokens({ ring }, context({ store: 'postgres' }));
  const older = new ReferenceTokens({ ring: old }, context({ store: 'postgres' }));
  const samples = Array.from({ length: SAMPLES }, (_, i) =>
    (i % 5 ? reader : older).write(ReferenceTokens.random()),
  );
  return { samples, opens: (text) => typeof reader.read(text) !== 'string' };
}

describe.each([
  { what: 'sealed envelopes', make: envelopes },
  { what: 'reference tokens', make: references },
])('Mutations of $what', ({ what, make }) => {
  it(`never open, ${ROUNDS} of them`, { timeout: 600_000 }, async () => {
    const target = await make();
    expect(target.samples.filter((sample) => target.opens(sample))).toHaveLength(SAMPLES);
    const { tried, opened } = await attack(target, ROUNDS);
    const counts = [...tried].map(([name, count]) => `${name} ${count}`).join(', ');
    console.info(`${what}: ${ROUNDS} mutations, ${opened.length} opened, seed ${SEED} (${counts})`);
    expect(opened).toEqual([]);
    expect([...tried.values()].every((count) => count > ROUNDS / 50)).toBe(true);
  });

  it(`never open, each bit of ${SAMPLES} samples flipped once`, { timeout: 120_000 }, async () => {
    const { flips, opened } = flipAll(await make());
    console.info(`${what}: ${flips} single-bit flips, ${opened} opened`);
    expect(opened).toBe(0);
  });
});
