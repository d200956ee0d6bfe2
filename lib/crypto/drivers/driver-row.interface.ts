import type { Awaitable } from '../awaitable.js';
import type { CryptoDriver } from '../crypto-driver.interface.js';
import type { KeySource } from '../key-source.interface.js';

/** One driver that `crypto.driver` may name: what it takes and how it is made. Nothing of it is loaded before. */
export interface DriverRow {
  /** Name in `crypto.driver` and in `SessionCryptoDriver`. */
  readonly name: string;
  /** Cipher names of the suites that it can have, before any part of it is loaded. */
  readonly ciphers: readonly string[];
  /** Cipher names of the Apache format that it can have. */
  readonly cbcCiphers: readonly string[];
  /** What has to be brought to it besides, which {@link missing} cannot look for; absent: nothing. */
  readonly needs?: string;
  /** Every parameter that it knows. */
  readonly params: readonly DriverParam[];
  /** What is wrong with parameters that each are right, and how to mend it: `driverParams.<name>` and a message.
   *  `form`: whether our own form of sessions is sealed, or another by CBC alone. */
  check?(
    params: DriverParams,
    form: 'native' | 'cbc',
  ): readonly { readonly param: string; readonly message: string }[];
  /** The driver, ready for its self-test. Rejects with a SessionConfigError below `path`, which is that of the option
   *  `crypto.driver`; a wrong parameter is named `crypto.driverParams.<name>`. */
  open(params: DriverParams, path: string): Awaitable<CryptoDriver>;
  /** What it would need on this machine, or `undefined` when it can be used; opens nothing that lasts. */
  missing(): Awaitable<string | undefined>;
}

/** One parameter, `param=value` in httpd's directive. */
export interface DriverParam {
  readonly name: string;
  /** `flag`: present or not; `secret`: a key source, as in `crypto.secrets`. */
  readonly kind: 'text' | 'flag' | 'integer' | 'secret';
  /** What it means, in one line, for errors and docs. */
  readonly meaning: string;
  /** Why it cannot be used on this machine, or `undefined`; opens nothing that lasts. */
  missing?(): Awaitable<string | undefined>;
}

/** Parameters that were read: texts, `true` for a flag that is set, numbers, sources of secrets. */
export type DriverParams = Readonly<Record<string, string | number | true | KeySource>>;
