import type { ForeignStore } from '../persistence/foreign-store.interface.js';
import type { CookieStore } from '../stores/cookie.store.js';
import type { SessionStore } from '../stores/session-store.interface.js';

/** Reports whether sessions are kept in the cookie itself. */
export const isCookieStore = (store: object): store is CookieStore =>
  (store as CookieStore).kind === 'cookie';

/** Reports whether another program shares the sessions of this store. */
export const isForeignStore = (store: object): store is ForeignStore =>
  typeof (store as Partial<ForeignStore>).repository === 'function';

/** Reports whether a store has the methods of SessionStore, so that it keeps our own rows on the server. */
export function isServerStore(store: object): store is SessionStore {
  const { load, create, replace, move, destroy } = store as Partial<SessionStore>;
  return [load, create, replace, move, destroy].every((method) => typeof method === 'function');
}
