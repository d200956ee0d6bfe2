import { readFileSync } from 'node:fs';

/** One vector; every text but `result`, `comment` and `flags` is hex. */
export interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly result: 'valid' | 'invalid';
  readonly flags: readonly string[];
  readonly [field: string]: unknown;
}

/** A group of vectors with its common parameters (`keySize`, `ivSize`, … in bits). */
export interface VectorGroup {
  readonly tests: readonly Vector[];
  readonly [parameter: string]: unknown;
}

/** The groups of a file under test/vectors/wycheproof. */
export function wycheproof(name: string): readonly VectorGroup[] {
  const file = new URL(`./wycheproof/${name}_test.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { testGroups: VectorGroup[] }).testGroups;
}

/** The bytes of a hex field. */
export const bytesOf = (vector: Vector, field: string): Buffer => Buffer.from(String(vector[field]), 'hex');
