import type { Directive } from './directive-table.js';

/** One directive of the text. Its arguments are not split into words yet. */
export interface DirectiveLine {
  /** The directive's name in lower case. */
  readonly name: string;
  /** The directive's row in the table. `undefined` for directives that only say where files and hosts are, such as Alias. */
  readonly row: Directive | undefined;
  /** The text after the name, with variables replaced. It may hold a secret. */
  readonly args: string;
  readonly line: number;
  /** True if a `${NAME}` in it has no value. */
  readonly unresolved: boolean;
}

/** One section, or the whole text. */
export interface Section {
  /** In lower case, without `<`. Empty for the whole text. */
  readonly name: string;
  /** The text between the name and `>`. */
  readonly argument: string;
  readonly line: number;
  readonly directives: DirectiveLine[];
  readonly sections: Section[];
}

/** Returns a section without contents. */
export const newSection = (name: string, argument: string, line: number): Section => ({
  name,
  argument,
  line,
  directives: [],
  sections: [],
});

/** Returns the first directive in a section, at any depth, whose row matches. */
export function findDirective(
  section: Section,
  matches: (row: Directive) => boolean,
): DirectiveLine | undefined {
  const own = section.directives.find(({ row }) => row && matches(row));
  if (own) return own;
  for (const inner of section.sections) {
    const found = findDirective(inner, matches);
    if (found) return found;
  }
  return undefined;
}
