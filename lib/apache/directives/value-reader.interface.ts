import type { Diagnostics } from './diagnostics.js';
import type { DirectiveLine } from './sections.js';

/** The things that a value reader needs besides the line. */
export interface ReadContext {
  readonly diagnostics: Diagnostics;
  readonly serverRoot: string | undefined;
  /** True if the text is a `.htaccess` file. */
  readonly htaccess: boolean;
}

/** Reads the arguments of a directive. Returns `undefined` after it has added a fault. */
export type ValueReader<T> = (written: DirectiveLine, context: ReadContext) => T | undefined;
