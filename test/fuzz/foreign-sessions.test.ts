import { createHmac, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import * as iron from 'iron-webcrypto';
import { describe, expect, it } from 'vitest';
import {
  fromCookieSession,
  fromExpressSession,
  fromIronSession,
  fromSecureSession,
} from 'nestjs-session-crypto/migrate';
import type { MigratedFormat } from 'nestjs-session-crypto';

const sodium = createRequire(import.meta.url)('sodium-native') as {
  crypto_secretbox_easy(out: Buffer, text: Buffer, nonce: Buffer, key: Buffer): void;
};

const ROUNDS = process.env['FUZZ'] === 'full' ? 50_000 : 1500;
const SECRET = 'a secret of the other application';
const KEY = randomBytes(32);
const until = new Date(0);
const SAMPLES = 8;

const hmac = (algorithm: string, text: string, encoding: 'base64' | 'base64url') =>
  createHmac(algorithm, SECRET).update(text).digest(encoding).replaceAll('=', '');

function box(json: string): string {
  const [text, nonce] = [Buffer.from(json), randomBytes(24)];
  const out = Buffer.alloc(text.length + 16);
  sodium.crypto_secretbox_easy(out, text, nonce, KEY);
  return `${out.toString('base64')};${nonce.toString('base64')}`;
}

interface Target {
  readonly name: string;
  readonly format: MigratedFormat;
  make(i: number): string | Promise<string>;
}

const TARGETS: readonly Target[] = [
  {
    name: 'express-session',
    format: fromExpressSession({ secret: SECRET, store: { get() {}, destroy() {} }, until }),
    make: (i) => `s:id-${i}-abcdefghijkl.${hmac('sha256', `id-${i}-abcdefghijkl`, 'base64')}`,
  },
  {
    name: 'cookie-session',
    format: fromCookieSession({ keys: [SECRET], until }),
    make(i) {
      const value = Buffer.from(JSON.stringify({ i })).toString('base64');
      return `${value};${hmac('sha1', `session=${value}`, 'base64url')}`;
    },
  },
  {
    name: 'iron-session',
    format: fromIronSession({ password: SECRET.padEnd(32), cookie: { name: 'iron' }, until }),
    make: (i) => iron.seal({ i }, { id: '1', secret: SECRET.padEnd(32) }, iron.defaults),
  },
  {
    name: 'secure-session',
    format: fromSecureSession({ key: KEY, until }),
    make: (i) => box(JSON.stringify({ i, __ts: 1_000_000 })),
  },
];

/** Numbers below n, the same ones in every run. */
function diceOf(seed: number) {
  let state = seed;
  return (n: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

const ALPHABET = 'Aa0+/=*.;:~%_- \0é';

function mutate(text: string, other: string, dice: (n: number) => number): string {
  const at = dice(text.length);
  const letter = ALPHABET[dice(ALPHABET.length)]!;
  return [
    () => text.slice(0, at) + letter + text.slice(at + 1),
    () => text.slice(0, at) + letter + text.slice(at),
    () => text.slice(0, at) + text.slice(at + 1 + dice(9)),
    () => text.slice(0, at) + other.slice(at),
    () => text.slice(0, at) + other.slice(dice(other.length)),
    () => text + letter.repeat(dice(99)),
    () => randomBytes(dice(200)).toString('latin1'),
  ][dice(7)]!();
}

describe.each(TARGETS)('Mutations of sessions of $name', ({ format, make }) => {
  it(
    `open nothing but the same session in another spelling, ${ROUNDS} of them`,
    { timeout: 600_000 },
    async () => {
      const reader = (await format.startMigration('crypto.accept[0]'))({
        timeouts: {
          idleTimeout: 0,
          absoluteTimeout: 0,
          regenerateInterval: 0,
          graceTime: 0,
          touchInterval: 0,
        },
        payloadLimit: 10_000,
        timeout: 1000,
        now: () => 1_000_001,
      });
      const samples = await Promise.all(Array.from({ length: SAMPLES }, (_, i) => make(i)));
      const origins = new Map<string, number>();
      for (const [i, sample] of samples.entries()) {
        const opened = await reader.open(sample);
        expect(opened).toHaveProperty('origin');
        origins.set((opened as { origin: string }).origin, i);
      }
      expect(origins.size).toBe(SAMPLES);
      const dice = diceOf(1);
      for (let round = 0; round < ROUNDS; round++) {
        const text = mutate(samples[dice(SAMPLES)]!, samples[dice(SAMPLES)]!, dice);
        const opened = await reader.open(text);
        if (typeof opened !== 'string') expect([text, origins.has(opened.origin)]).toEqual([text, true]);
      }
    },
  );
});
