import type { PhpVersion } from './php-version.js';
import type { SettingValues } from './setting-values.interface.js';
import type { SettingName, SettingTypes } from './settings-table.js';

export interface Setting<T> {
  readonly value: T;
  /** `false`: the value is PHP's compiled default. */
  readonly given: boolean;
  /** `php.ini line 3`, or the key in what `ini_get_all` gave. */
  readonly at: string | undefined;
}

export type PhpSettings = { readonly [N in SettingName]: Setting<SettingValues[SettingTypes[N]]> };

/** PHP's session settings: complete, read and checked. */
export interface PhpIni {
  readonly version: PhpVersion;
  readonly settings: PhpSettings;
  /** Things that PHP does in silence, or that are otherwise done here. None is a reason not to start. */
  readonly findings: readonly PhpFinding[];
}

export interface PhpFinding {
  /** As in {@link Setting}. */
  readonly at: string;
  readonly message: string;
}
