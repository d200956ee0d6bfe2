export { fileStore } from './file-store.js';
export { FileStore, type FileStoreOptions } from './files/index.js';
export { fromPhpIni, type FromPhpIniOptions } from './from-ini.js';
export {
  PHP_SETTINGS,
  PHP_VERSIONS,
  readPhpIni,
  type PhpFinding,
  type PhpIni,
  type PhpIniOptions,
  type PhpSetting,
  type PhpVersion,
} from './ini/index.js';
export * from './serializer/index.js';
export { SharedFileStore, type SharedFileStoreOptions, type SharedUnsealedOptions } from './shared/index.js';
