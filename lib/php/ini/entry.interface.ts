import type { Place } from './notes.js';

/** One setting as it was given, before its value is read. */
export interface Entry {
  readonly name: string;
  /** The value as PHP's scanner leaves it. */
  readonly text: string;
  /** The value as a message may show it: variables are written as they stand. */
  readonly shown: string;
  /** The word without quotes that PHP's scanner has replaced by 1 or by nothing: `On`, `None`, `null`, … */
  readonly word?: string;
  /** What this reader does not do with a value, such as an expression. */
  readonly problem?: string;
  readonly place: Place;
}
