export { FileStore, fileStore } from './file.store.js';
export type { FileStoreOptions } from './file-store-options.js';
