/** The entry `nestjs-session-crypto/php`. Each folder answers one question:
 *
 *      ini/          what do PHP's settings say?
 *      from-ini/     which options of this package do they stand for?
 *      serializer/   what do the bytes of a PHP session mean, and what may a handler see of them?
 *      private/      can no other user read or replace a file or folder?
 *      sealed/       how are sealed sessions kept in files?
 *      shared/       how are PHP's own session files read and written together with PHP?
 *      redis/        how are PHP's own sessions in Redis read and written together with PHP? */
export { fileStore } from './choose-file-store.js';
export { fromPhpIni, type FromPhpIniOptions } from './from-ini/from-php-ini.js';
export { PhpRedisStore, phpRedisStore } from './redis/php-redis.store.js';
export type { PhpRedisStoreOptions } from './redis/php-redis-options.js';
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
