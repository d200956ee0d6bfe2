export { readPhpIni, type PhpIniOptions } from './read-php-ini.js';
export { PHP_SETTINGS, type PhpSetting, type SettingName, type SettingTypes } from './settings-table.js';
export { REMOVED_SETTINGS, type RemovedSetting } from './removed-settings.js';
export { PHP_VERSIONS, type PhpVersion } from './php-version.js';
export type { PhpFinding, PhpIni, PhpSettings, Setting } from './model.interface.js';
export type { SavePath, SettingType, SettingValues } from './setting-values.interface.js';
