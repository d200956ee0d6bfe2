export { SharedFileStore } from './shared-file.store.js';
export type { SharedFileStoreOptions, SharedUnsealedOptions } from './shared-options.js';
