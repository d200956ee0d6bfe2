import { FileStore } from './files/file.store.js';
import type { FileStoreOptions } from './files/file-store-options.js';
import { SharedFileStore } from './shared/shared-file.store.js';
import type { SharedFileStoreOptions } from './shared/shared-options.js';

/** Sessions in files, for several processes on one machine: sealed, under hashed names. Refuses to start where others
 *  could read the files. */
export function fileStore(options: FileStoreOptions): FileStore;
/** The files of a PHP that keeps its sessions on the same path: in clear, so that both sides read and write them. */
export function fileStore(options: SharedFileStoreOptions): SharedFileStore;
export function fileStore(options: FileStoreOptions | SharedFileStoreOptions): FileStore | SharedFileStore {
  return isShared(options) ? new SharedFileStore(options) : new FileStore(options);
}

const isShared = (options: FileStoreOptions | SharedFileStoreOptions): options is SharedFileStoreOptions =>
  (Object(options) as Partial<SharedFileStoreOptions>).sharedUnsealed !== undefined;
