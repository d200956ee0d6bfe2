/** A value as PHP's scanner leaves it; the fields are those of an Entry. */
export interface IniValue {
  readonly text: string;
  readonly shown: string;
  readonly word?: string;
  readonly problem?: string;
  /** True if PHP has another value, which depends on its machine or is the result of an expression. */
  readonly uncertain?: true;
}

/** A place at which PHP would stop reading, with what it is and how to mend it. */
export class IniStop {
  constructor(
    readonly problem: string,
    readonly remedy: string,
    /** True if the rest of the text cannot be divided into lines any more. */
    readonly fatal = false,
  ) {}
}
