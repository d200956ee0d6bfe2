export { cookieStore, type CookieStore, type CookieStoreOptions } from './cookie.store.js';
export { MemoryStore, memoryStore, type MemoryStoreOptions } from './memory.store.js';
export type {
  FoundRow,
  ListedRow,
  LoadedRow,
  ReplaceResult,
  ResolveToken,
  RowState,
  SessionRow,
  SessionStore,
  Tombstone,
} from './session-store.interface.js';
