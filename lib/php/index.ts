/** The entry `nestjs-session-crypto/php`: file stores, options from PHP's settings, and PHP's session serializers. */
export { fileStore } from './choose-file-store.js';
export { fromPhpIni, type FromPhpIniOptions } from './from-ini/from-php-ini.js';
export { PHP_SETTINGS, type PhpSetting } from './ini/settings-table.js';
export { PHP_VERSIONS, type PhpVersion } from './ini/php-version.js';
export { readPhpIni, type PhpIniOptions } from './ini/read-php-ini.js';
export type { PhpFinding, PhpIni } from './ini/php-ini.interface.js';
export { FileStore } from './sealed/file.store.js';
export type { FileStoreOptions } from './sealed/file-store-options.js';
export { fromJson, sessionFromJson, sessionToJson, toJson } from './serializer/json-merge.js';
export { PHP_LIMITS, type PhpLimits } from './serializer/php-limits.js';
export { PHP_SERIALIZERS, type PhpSerializer, type PhpSerializerName } from './serializer/php-serializer.js';
export type { PhpText } from './serializer/php-text.js';
export {
  PhpArray,
  PhpCustom,
  PhpEnum,
  PhpMap,
  PhpObject,
  PhpReference,
  type PhpEntry,
  type PhpKey,
  type PhpPlain,
  type PhpSession,
  type PhpValue,
} from './serializer/php-value.js';
export type { PhpRefusal } from './serializer/refusal.js';
export { SharedFileStore } from './shared/shared-file.store.js';
export type { SharedFileStoreOptions, SharedUnsealedOptions } from './shared/shared-options.js';
