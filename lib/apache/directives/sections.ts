import type { Directive } from './directive-table.js';

/** One directive as it stands: name known, words not yet read. */
export interface Written {
  /** In lower case. */
  readonly name: string;
  /** As the table has it; `undefined` for those that say where things are. */
  readonly row: Directive | undefined;
  /** What follows the name, variables replaced. */
  readonly args: string;
  readonly line: number;
  /** A `${NAME}` in it stood for nothing. */
  readonly unresolved: boolean;
}

/** One section, or the whole text, with what counts in it. */
export interface Section {
  /** In lower case, without `<`; empty for the whole text. */
  readonly name: string;
  /** What stands between the name and `>`. */
  readonly argument: string;
  readonly line: number;
  readonly directives: Written[];
  readonly sections: Section[];
}

export const newSection = (name: string, argument: string, line: number): Section => ({
  name,
  argument,
  line,
  directives: [],
  sections: [],
});

/** The first directive in a section, however deep, that is of a kind. */
export function findDirective(section: Section, is: (row: Directive) => boolean): Written | undefined {
  const own = section.directives.find(({ row }) => row && is(row));
  if (own) return own;
  for (const inner of section.sections) {
    const found = findDirective(inner, is);
    if (found) return found;
  }
  return undefined;
}
