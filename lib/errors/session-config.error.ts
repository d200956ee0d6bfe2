import { SessionCryptoError } from './session-crypto.error.js';

/** One wrong option. */
export interface ConfigFault {
  /** The option path, such as `crypto.secrets[0]`. */
  readonly path: string;
  /** A text that names what was found, what is allowed and how to fix it. It continues the path, as in `is a number;
   *  allowed is a list`. It never contains a secret. */
  readonly message: string;
  /** The code of the cause, where a system or a database has refused something: a SQLSTATE, `EACCES`, … */
  readonly reason?: string | undefined;
}

/** Wrong options. The operator must act, before the start. The error lists every fault at once. */
export class SessionConfigError extends SessionCryptoError {
  readonly code = 'ERR_SESSION_CONFIG';

  /** All faults. They are not enumerable, because the message contains them already. */
  declare readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(SessionConfigError.describe(faults));
    Object.defineProperty(this, 'faults', { value: faults });
  }

  private static describe(faults: readonly ConfigFault[]): string {
    const lines = faults.map(({ path, message }) => `  - ${path}: ${message}`);
    return [
      `nestjs-session-crypto cannot start, ${faults.length === 1 ? 'one fault' : `${faults.length} faults`} in its options:`,
      ...lines,
    ].join('\n');
  }
}

/** Describes a value for a message that must not show it: `undefined`, `an empty string`, `an array`, `Date`, … */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === '') return 'an empty string';
  if (Array.isArray(value)) return value.length ? 'an array' : 'an empty array';
  if (value === undefined) return 'undefined';
  if (typeof value !== 'object') return `a ${typeof value}`;
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  return name && name !== 'Object' ? String(name) : 'an object';
}
