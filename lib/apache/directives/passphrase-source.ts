// The sources that SessionCryptoPassphrase and SessionCryptoPassphraseFile name. A passphrase and the arguments of a program
// are secrets: private fields keep them out of `inspect`, JSON and every error.

/** `inspect.custom`. Without such a method, `inspect` calls getters if it is asked to. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** A passphrase that stands in the configuration. */
export class InlinePassphrase {
  readonly kind = 'passphrase';
  readonly #text: string;

  constructor(
    text: string,
    readonly line: number,
  ) {
    this.#text = text;
  }

  /** The passphrase as it stands in the configuration. httpd uses its bytes unchanged. */
  get text(): string {
    return this.#text;
  }

  [INSPECT](): string {
    return `passphrase of line ${this.line}`;
  }
}

/** `exec:program argument …`: the first line that the program prints is the passphrase. */
export class PassphraseProgram {
  readonly kind = 'exec';
  readonly #command: readonly string[];

  constructor(
    command: readonly string[],
    readonly line: number,
  ) {
    this.#command = command;
  }

  /** The absolute path of the program, then its arguments. */
  get command(): readonly string[] {
    return this.#command;
  }

  [INSPECT](): string {
    return `program of line ${this.line}`;
  }
}

/** `SessionCryptoPassphraseFile`: the words of the file are passphrases. */
export interface PassphraseFile {
  readonly kind: 'file';
  /** Absolute. */
  readonly path: string;
  /** The directory where relative programs that the file names begin. */
  readonly serverRoot: string | undefined;
  readonly line: number;
}

/** Any of the three sources. */
export type PassphraseSource = InlinePassphrase | PassphraseProgram | PassphraseFile;
