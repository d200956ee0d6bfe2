import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A case of a section; README.md beside this file tells what its fields mean. Any may be missing in another set. */
export interface PhpCase {
  readonly id?: string;
  readonly label?: string;
}

/** A difference from PHP that is meant, and covers every case in which it shows. */
export interface Rule {
  readonly name: string;
  readonly reason: string;
}

/** `same`, a difference that is meant, or why a case can't be run. */
export type Outcome = 'same' | Rule | { readonly leftOut: string };

/** Runs a case of a section. Throws when we do something else than PHP and no rule covers it. */
export type SectionCheck<T extends PhpCase = never> = (vector: T) => Outcome | Promise<Outcome>;

/** The set that is kept here. */
export const ourFile = fileURLToPath(new URL('./php-session.json', import.meta.url));

/** The file of this run: PHP_VECTORS, else the one beside this. */
export const vectorsFile = process.env.PHP_VECTORS ? resolve(process.env.PHP_VECTORS) : ourFile;

/** The sections of a file with their cases. */
export function readSections(file: string): readonly (readonly [name: string, cases: readonly PhpCase[]])[] {
  const content = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  return Object.entries(content).filter((entry): entry is [string, PhpCase[]] => Array.isArray(entry[1]));
}
