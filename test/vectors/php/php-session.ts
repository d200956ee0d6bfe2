import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A case of a section. README.md in this folder describes the fields. Another set may lack any of them. */
export interface PhpCase {
  readonly id?: string;
  readonly label?: string;
}

/** An intended difference from PHP. It covers every case in which it shows. */
export interface Rule {
  readonly name: string;
  readonly reason: string;
}

/** `same`, an intended difference, or the reason why a case cannot be run. */
export type Outcome = 'same' | Rule | { readonly leftOut: string };

/** Runs a case of a section. Throws if the result differs from PHP's and no rule covers the difference. */
export type SectionCheck<T extends PhpCase = never> = (vector: T) => Outcome | Promise<Outcome>;

/** The set in this repository. */
export const ourFile = fileURLToPath(new URL('./php-session.json', import.meta.url));

/** The file of this run: the one that PHP_VECTORS names, or the one in this folder. */
export const vectorsFile = process.env.PHP_VECTORS ? resolve(process.env.PHP_VECTORS) : ourFile;

/** The sections of a file with their cases. */
export function readSections(file: string): readonly (readonly [name: string, cases: readonly PhpCase[]])[] {
  const content = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  return Object.entries(content).filter((entry): entry is [string, PhpCase[]] => Array.isArray(entry[1]));
}
