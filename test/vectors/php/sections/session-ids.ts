import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { sessionIdFromBytes } from '../../../../lib/php/shared/session-id.js';
import type { Outcome, PhpCase } from '../php-session.js';

interface IdSettings extends PhpCase {
  readonly sid_length: number;
  readonly sid_bits_per_character: 4 | 5 | 6;
}

/** Checks the id that PHP made of known bytes. */
export function checkSidFromBytes(
  vector: IdSettings & { readonly random_bytes_hex: string; readonly id: string },
): Outcome {
  const bytes = Buffer.from(vector.random_bytes_hex, 'hex');
  expect(sessionIdFromBytes(bytes, vector.sid_length, vector.sid_bits_per_character)).toBe(vector.id);
  return 'same';
}

/** Checks the length and the alphabet of 300 ids. */
export function checkSidShape(
  vector: IdSettings & {
    readonly lengths_seen: readonly number[];
    readonly alphabet_seen: string;
    readonly entropy_bits: number;
  },
): Outcome {
  const { sid_length: length, sid_bits_per_character: bits } = vector;
  const ids = Array.from({ length: 300 }, (_, i) => sessionIdFromBytes(someBytes(i, length), length, bits));
  expect([...new Set(ids.map((id) => id.length))]).toEqual(vector.lengths_seen);
  expect(new Set(ids.join(''))).toEqual(new Set(vector.alphabet_seen));
  expect(length * bits).toBe(vector.entropy_bits);
  return 'same';
}

/** Returns bytes that look random and are the same in every run. */
const someBytes = (seed: number, length: number): Buffer =>
  createHash('shake256', { outputLength: length }).update(String(seed)).digest();
