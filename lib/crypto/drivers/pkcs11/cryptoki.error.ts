import { CKR } from './constants.js';

type ReturnName = keyof typeof CKR;

const NAMES = new Map<number, string>(Object.entries(CKR).map(([name, value]) => [value, `CKR_${name}`]));
const valuesOf = (...names: ReturnName[]): ReadonlySet<number> => new Set(names.map((name) => CKR[name]));

/** The session, its login or its objects are gone: a new session may have them. */
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

/** Of these, what all sessions with the token have in common. */
const EVERYONES = valuesOf(
  'CRYPTOKI_NOT_INITIALIZED',
  'DEVICE_REMOVED',
  'SESSION_CLOSED',
  'SESSION_HANDLE_INVALID',
  'SLOT_ID_INVALID',
  'TOKEN_NOT_PRESENT',
  'TOKEN_NOT_RECOGNIZED',
);

/** The token could not do its work: nothing is said of the bytes. */
const UNABLE = valuesOf(
  'ARGUMENTS_BAD',
  'BUFFER_TOO_SMALL',
  'CANCEL',
  'DEVICE_MEMORY',
  'FUNCTION_CANCELED',
  'FUNCTION_NOT_SUPPORTED',
  'HOST_MEMORY',
  'KEY_FUNCTION_NOT_PERMITTED',
  'MECHANISM_INVALID',
  'MECHANISM_PARAM_INVALID',
  'SESSION_COUNT',
  'TOKEN_RESOURCE_EXCEEDED',
);

/** The PIN was not taken. Asking again with the same one would lock the token. */
const PIN = valuesOf(
  'PIN_EXPIRED',
  'PIN_INCORRECT',
  'PIN_INVALID',
  'PIN_LEN_RANGE',
  'PIN_LOCKED',
  'USER_PIN_NOT_INITIALIZED',
);

/** A function of the library answered something else than CKR_OK. Never leaves the driver. */
export class CryptokiError extends Error {
  readonly code: string;
  readonly isLost: boolean;
  /** Lost, and as it seems with it every session with this token. */
  readonly isEveryones: boolean;
  readonly isUnable: boolean;
  readonly isPin: boolean;

  constructor(
    /** The function, for example `C_Login`. */
    readonly call: string,
    /** What it returned. */
    readonly value: number,
  ) {
    const code = NAMES.get(value) ?? `0x${value.toString(16)}`;
    super(`${call} answered ${code}`);
    this.code = code;
    this.isLost = LOST.has(value);
    this.isEveryones = EVERYONES.has(value);
    this.isUnable = UNABLE.has(value);
    this.isPin = PIN.has(value);
  }

  is(name: ReturnName): boolean {
    return this.value === CKR[name];
  }
}
