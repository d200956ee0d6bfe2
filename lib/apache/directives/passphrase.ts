/** `inspect` would call getters when it is asked to. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** One secret of `SessionCryptoPassphrase`. What it is stays out of `inspect`, of JSON and of every error. */
export class WrittenPassphrase {
  readonly kind = 'passphrase';
  readonly #text: string;

  constructor(
    text: string,
    readonly line: number,
  ) {
    this.#text = text;
  }

  /** As it stands in the configuration; httpd takes its bytes as they are. */
  get text(): string {
    return this.#text;
  }

  [INSPECT](): string {
    return `passphrase of line ${this.line}`;
  }
}

/** `exec:program argument …`: the secret is the first line that the program prints. */
export class WrittenProgram {
  readonly kind = 'exec';
  readonly #command: readonly string[];

  constructor(
    command: readonly string[],
    readonly line: number,
  ) {
    this.#command = command;
  }

  /** The program with its absolute path, and its arguments. */
  get command(): readonly string[] {
    return this.#command;
  }

  [INSPECT](): string {
    return `program of line ${this.line}`;
  }
}

/** `SessionCryptoPassphraseFile`: the secrets are the words in a file. */
export interface WrittenFile {
  readonly kind: 'file';
  /** Absolute. */
  readonly path: string;
  readonly line: number;
}

export type PassphraseSource = WrittenPassphrase | WrittenProgram | WrittenFile;
