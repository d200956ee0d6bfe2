import { CKR } from './constants.js';

type ReturnName = keyof typeof CKR;

const NAMES = new Map<number, string>(Object.entries(CKR).map(([name, value]) => [value, `CKR_${name}`]));
const valuesOf = (...names: ReturnName[]): ReadonlySet<number> => new Set(names.map((name) => CKR[name]));

/** The session, its login or its objects are gone. A new session may succeed. */
const LOST = valuesOf(
  'CRYPTOKI_NOT_INITIALIZED',
  'DEVICE_ERROR',
  'DEVICE_REMOVED',
  'KEY_HANDLE_INVALID',
  'OBJECT_HANDLE_INVALID',
  'OPERATION_ACTIVE',
  'OPERATION_NOT_INITIALIZED',
  'SESSION_CLOSED',
  'SESSION_HANDLE_INVALID',
  'SLOT_ID_INVALID',
  'TOKEN_NOT_PRESENT',
  'TOKEN_NOT_RECOGNIZED',
  'USER_NOT_LOGGED_IN',
);

/** Those of {@link LOST} that end all sessions of the process with the token, and not only one. */
const ENDS_ALL_SESSIONS = valuesOf(
  'CRYPTOKI_NOT_INITIALIZED',
  'DEVICE_REMOVED',
  'SESSION_CLOSED',
  'SESSION_HANDLE_INVALID',
  'SLOT_ID_INVALID',
  'TOKEN_NOT_PRESENT',
  'TOKEN_NOT_RECOGNIZED',
);

/** The token refused the PIN. A second try with the same PIN could lock the token. */
const PIN_REFUSAL = valuesOf('PIN_EXPIRED', 'PIN_INCORRECT', 'PIN_INVALID', 'PIN_LEN_RANGE');

/** A function of the library returned something other than CKR_OK. The error never leaves the driver, which turns it into a
 *  SessionConfigError at start and into a SessionDriverError later. It contains names only. */
export class CryptokiError extends Error {
  /** Name of the return value, for example `CKR_PIN_INCORRECT`, or its number in hexadecimal. */
  readonly code: string;
  /** True if the session, its login or its objects are gone. */
  readonly isLost: boolean;
  /** True if every session of the process with this token is gone too. */
  readonly endsAllSessions: boolean;
  /** True if the token refused the PIN. */
  readonly isPinRefusal: boolean;

  constructor(
    /** The function, for example `C_Login`. */
    readonly call: string,
    /** The return value. */
    readonly value: number,
  ) {
    const code = NAMES.get(value) ?? `0x${value.toString(16)}`;
    super(`${call} returned ${code}`);
    this.code = code;
    this.isLost = LOST.has(value);
    this.endsAllSessions = ENDS_ALL_SESSIONS.has(value);
    this.isPinRefusal = PIN_REFUSAL.has(value);
  }

  /** Reports whether the return value has this name, given without `CKR_`. */
  is(name: ReturnName): boolean {
    return this.value === CKR[name];
  }
}
