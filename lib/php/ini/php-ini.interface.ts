import type { PhpVersion } from './php-version.js';
import type { SettingValues } from './setting-values.interface.js';
import type { SettingName, SettingTypes } from './settings-table.js';

/** One setting with its value. */
export interface Setting<T> {
  readonly value: T;
  /** True if the source sets it. False if the value is the compiled default of the PHP version. */
  readonly given: boolean;
  /** True if the source sets it to an empty text, and not to a word such as `Off`. */
  readonly empty?: true;
  /** `php.ini line 3`, or the key in the result of `ini_get_all`. `undefined` for a default. */
  readonly at: string | undefined;
}

/** Every session setting by its name. */
export type PhpSettings = { readonly [N in SettingName]: Setting<SettingValues[SettingTypes[N]]> };

/** PHP's session settings: complete, read and checked. */
export interface PhpIni {
  readonly version: PhpVersion;
  readonly settings: PhpSettings;
  /** Notes for the operator that do not stop the start, in the order of the source. */
  readonly findings: readonly PhpFinding[];
}

/** Something that PHP does without a message, or that this package does differently. */
export interface PhpFinding {
  /** The place in the source: `php.ini line 3`, or the key in the result of `ini_get_all`. */
  readonly at: string;
  /** To be printed as `at: message`. Begins with the name of the setting, unless `at` is this name. */
  readonly message: string;
}
