import { SessionConfigError, type ConfigFault } from '../../../../lib/errors/session-config.error.js';
import { readPhpIni, type PhpIniOptions } from '../../../../lib/php/ini/read-php-ini.js';
import type { SettingName } from '../../../../lib/php/ini/settings-table.js';

type Source = Parameters<typeof readPhpIni>[0];

/** Returns the value of one setting. */
export const valueOf = (source: Source, name: SettingName, options?: PhpIniOptions) =>
  readPhpIni(source, options).settings[name].value;

/** Returns `path: message` of each fault. */
export function faultsOf(source: unknown, options?: PhpIniOptions): string[] {
  try {
    readPhpIni(source as Source, options);
    return [];
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return error.faults.map(
      ({ path, message }: ConfigFault) => `${path.replace('php.ini line ', '')}: ${message}`,
    );
  }
}

/** Returns `at: message` of each finding. */
export const findingsOf = (source: Source, options?: PhpIniOptions): string[] =>
  readPhpIni(source, options).findings.map(
    ({ at, message }) => `${at.replace('php.ini line ', '')}: ${message}`,
  );
