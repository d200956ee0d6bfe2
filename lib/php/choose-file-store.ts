import { FileStore } from './sealed/file.store.js';
import type { FileStoreOptions } from './sealed/file-store-options.js';
import { SharedFileStore } from './shared/shared-file.store.js';
import type { SharedFileStoreOptions } from './shared/shared-options.js';

/** Keeps sessions in sealed files with hashed names, for all processes of one user on one machine. The start stops if
 *  other users could read the files. */
export function fileStore(options: FileStoreOptions): FileStore;
/** Shares the session files of a PHP on the same path. They are not sealed, so that both sides can read and write them.
 *  docs/php.md lists the promises that do not hold there. */
export function fileStore(options: SharedFileStoreOptions): SharedFileStore;
export function fileStore(options: FileStoreOptions | SharedFileStoreOptions): FileStore | SharedFileStore {
  return isShared(options) ? new SharedFileStore(options) : new FileStore(options);
}

const isShared = (options: FileStoreOptions | SharedFileStoreOptions): options is SharedFileStoreOptions =>
  (Object(options) as Partial<SharedFileStoreOptions>).sharedUnsealed !== undefined;
