import type { Awaitable } from '../awaitable.js';
import type { CryptoDriver } from '../crypto-driver.interface.js';
import type { KeySource } from '../key-source.interface.js';

/** Describes one driver that `crypto.driver` may name: its ciphers, its parameters, and how it is opened.
 *
 *  The option checks and `session-crypto drivers` read rows of drivers that nobody has chosen. A row therefore loads no
 *  optional package before {@link open} or {@link missing} is called. */
export interface DriverRow {
  /** Name in `crypto.driver`, and in httpd's directive `SessionCryptoDriver` where httpd has that driver. */
  readonly name: string;
  /** `crypto.cipher` names of the suites that the driver can have. An opened driver may have fewer. */
  readonly ciphers: readonly string[];
  /** `SessionCryptoCipher` names of the Apache format that the driver can have. */
  readonly cbcCiphers: readonly string[];
  /** Something that the operator must provide and that {@link missing} cannot look for, for example the library of a
   *  token. Absent: nothing. */
  readonly needs?: string;
  /** Every parameter that the driver knows. */
  readonly params: readonly DriverParam[];
  /** Returns the faults of the parameters taken together; each parameter alone has already been checked. A fault names
   *  `driverParams.<param>` and says how to mend it.
   *
   *  `form` tells what the driver will seal: `native` is our own envelope, `cbc` is a foreign format that uses raw CBC
   *  only. */
  check?(
    params: DriverParams,
    form: 'native' | 'cbc',
  ): readonly { readonly param: string; readonly message: string }[];
  /** Opens the driver. The caller runs the known answers on it before it is used.
   *
   *  Rejects with a SessionConfigError. Its faults name `path`, which is the option `crypto.driver`, or the wrong
   *  parameter as `crypto.driverParams.<name>`. */
  open(params: DriverParams, path: string): Awaitable<CryptoDriver>;
  /** Returns the reason why this machine cannot run the driver, or `undefined` if it can. Leaves nothing open. */
  missing(): Awaitable<string | undefined>;
}

/** Describes one parameter of a driver: a member of `crypto.driverParams`, or `param=value` in httpd's directive. */
export interface DriverParam {
  readonly name: string;
  /** `flag` is present or absent. `secret` is a key source, written as in `crypto.secrets`. */
  readonly kind: 'text' | 'flag' | 'integer' | 'secret';
  /** The meaning in one line, for error messages and `session-crypto drivers`. */
  readonly meaning: string;
  /** Returns the reason why this machine cannot use the parameter, or `undefined` if it can. Leaves nothing open. */
  missing?(): Awaitable<string | undefined>;
}

/** Parameters after their check, by name: a text, a number, `true` for a flag that is set, or the source of a secret. */
export type DriverParams = Readonly<Record<string, string | number | true | KeySource>>;
