import { SessionCryptoError } from './session-crypto.error.js';

/** One wrong option: where it stands, and what to write there instead. */
export interface ConfigFault {
  /** Path of the option, for example `crypto.secrets[0]`. */
  readonly path: string;
  /** What is wrong, what is allowed and how to mend it; never the value itself. */
  readonly message: string;
}

/** The operator's turn, at start: lists every fault at once. */
export class SessionConfigError extends SessionCryptoError {
  readonly code = 'ERR_SESSION_CONFIG';

  declare readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(SessionConfigError.describe(faults));
    Object.defineProperty(this, 'faults', { value: faults }); // not shown: the message has them all
  }

  private static describe(faults: readonly ConfigFault[]): string {
    const lines = faults.map(({ path, message }) => `  - ${path}: ${message}`);
    return [
      `nestjs-session-crypto cannot start, ${faults.length === 1 ? 'one fault' : `${faults.length} faults`} in its options:`,
      ...lines,
    ].join('\n');
  }
}

/** What a value is, for a message that must not show it: `undefined`, `an empty string`, `an array`, `Date`, … */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return value.length ? 'an array' : 'an empty array';
  if (value === undefined) return 'undefined';
  if (typeof value !== 'object') return `a ${typeof value}`;
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return name && name !== 'Object' ? String(name) : 'an object';
}
