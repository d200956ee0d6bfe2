export { fromJson, sessionFromJson, sessionToJson, toJson } from './json-merge.js';
export { PHP_LIMITS, type PhpLimits } from './php-limits.js';
export { PHP_SERIALIZERS, type PhpSerializer, type PhpSerializerName } from './php-serializer.js';
export type { PhpText } from './php-text.js';
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
} from './php-value.js';
export type { PhpRefusal } from './refusal.js';
