import type { Place } from './diagnostics.js';

/** One setting as the source has it, before its value is read. */
export interface Entry {
  readonly name: string;
  /** The value as PHP's scanner leaves it, with variables replaced by their values. */
  readonly text: string;
  /** The value as a message may show it: a variable stays `${NAME}`, because its value may be a secret. */
  readonly shown: string;
  /** The unquoted word that PHP's scanner has replaced by 1 or by an empty text: `On`, `None`, `null`, … */
  readonly word?: string;
  /** A fault in the value that matters only if the setting is about sessions, such as an expression. Without the name. */
  readonly problem?: string;
  readonly place: Place;
  /** The section `HOST=…` or `PATH=…` that the entry is valid for, only of settings of php-redis. */
  readonly section?: string;
}
