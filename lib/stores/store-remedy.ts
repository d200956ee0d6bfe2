/** A store, as far as it says what to do about an ability that it lacks. */
interface StoreInUse {
  readonly kind: string;
  /** Set if another program shares the store. */
  readonly foreign?: object | undefined;
}

/** Stores that have every ability. */
export const ABLE_STORES = 'typeOrmStore(), pgStore() or redisStore()';

/** Returns what to do where the store in use lacks an ability. `methods` are those that a store of the user's own needs for it. */
export function storeRemedy({ kind, foreign }: StoreInUse, methods: string): string {
  if (kind === 'cookie')
    return `sessions are in the cookie; use ${ABLE_STORES}, which keep them on the server`;
  if (foreign)
    return `another program shares it; when that program no longer runs, let crypto.accept move its sessions to ${ABLE_STORES}`;
  return `it has no ${methods}; add that to a store of your own, or use ${ABLE_STORES}`;
}
