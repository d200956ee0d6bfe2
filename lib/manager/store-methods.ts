import { SessionStateError } from '../errors/session-state.error.js';
import type { SessionStore } from '../stores/session-store.interface.js';
import { storeRemedy } from '../stores/store-remedy.js';
import type { SessionManager } from './session-manager.js';
import type { SessionProfile } from './session-profile.js';

/** Optional methods of a store, and what they are for in an error message. */
const CAPABILITIES = {
  list: 'list sessions',
  destroy: 'end a session',
  destroySubject: "end a subject's sessions",
  prune: 'prune',
  count: 'count sessions',
  scan: 'end all sessions',
} as const;

export type Capability = keyof typeof CAPABILITIES;

/** What a store needs for an ability, where that is not the method of its name. */
const METHODS: Partial<Record<Capability, string>> = { scan: 'scan() or scanAll()' };

const NOTHING_KEPT =
  'sessions are in the cookie, and nothing is kept on the server that could be removed; leave the call out';

/** An optional method that a store has. */
export interface StoreMethod<K extends Capability> {
  readonly store: SessionManager['stores'][number];
  readonly method: NonNullable<SessionStore[K]>;
}

/** Returns one optional method of every store that has it; throws a SessionStateError if none has it. */
export function storeMethods<K extends Capability>(manager: SessionManager, name: K): StoreMethod<K>[] {
  const methods = optionalMethods(manager, name);
  if (methods.length) return methods;
  throw unsupported(name, manager.base.store);
}

/** Returns one optional method of every store that has it. */
export function optionalMethods<K extends Capability>({ stores }: SessionManager, name: K): StoreMethod<K>[] {
  return stores.flatMap((store): StoreMethod<K>[] => {
    const { rows } = store;
    const method = rows?.[name];
    return method ? [{ store, method: method.bind(rows) as StoreMethod<K>['method'] }] : [];
  });
}

/** Returns the profiles whose sessions can be ended by others: by a method of their store, or by marks. Throws a SessionStateError
 *  if there is none. */
export function revocableProfiles(
  { profiles, base }: SessionManager,
  name: 'destroy' | 'destroySubject',
): SessionProfile[] {
  const revocable = profiles.filter(
    ({ store }) => store.rows?.[name] !== undefined || store.revocation !== undefined,
  );
  if (!revocable.length) throw unsupported(name, base.store);
  return revocable;
}

/** Returns the error of a store that lacks an ability. It says what to do. */
export function unsupported(name: Capability, store: SessionManager['stores'][number]): SessionStateError {
  const isEnd = name === 'destroy' || name === 'destroySubject' || name === 'scan';
  const more = store.kind === 'cookie' && isEnd ? ', or set cookieStore({ revocation })' : '';
  const remedy = name === 'prune' ? NOTHING_KEPT : storeRemedy(store, METHODS[name] ?? `${name}()`) + more;
  return new SessionStateError(
    'ERR_SESSION_UNSUPPORTED',
    `The store "${store.kind}" cannot ${CAPABILITIES[name]}: ${remedy}`,
  );
}

/** Resolves to the sum of counts. */
export const sumOf = async (counts: readonly Promise<number>[]): Promise<number> =>
  (await Promise.all(counts)).reduce((total, one) => total + one, 0);
