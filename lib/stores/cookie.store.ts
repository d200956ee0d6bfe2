import { checkNames, type OptionNames } from '../errors/check-names.js';
import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import type { RevocationSource } from './revocation.js';

/** Selects sessions that live in the cookie: the sealed session itself is the token, and the server keeps nothing, or only
 *  which sessions have ended. */
export interface CookieStore {
  readonly kind: 'cookie';
  readonly options: CookieStoreOptions;
}

export interface CookieStoreOptions {
  /** Confirms in writing that a copied cookie works again until its sealed clocks end it, even after logout, and that a request
   *  that was under way at a logout can set the cookie again. Without it, and without `revocation`, the audit reports the risk.
   *  @default false */
  readonly acceptReplay?: boolean;
  /** Keeps on the server which sessions have ended, so that logout is final and the sessions of a user can be ended: at once in
   *  the process that sees it, within 30 s in all others. `sqlRevocation()` of `./pg` and `./typeorm`, `redisRevocation()` of
   *  `./redis`, `memoryRevocation()` or `storeRevocation(store)`. @default nothing */
  readonly revocation?: RevocationSource;
}

const NAMES: OptionNames<CookieStoreOptions> = { acceptReplay: true, revocation: true };

/** Returns a store that keeps each session in its cookie. It needs no database unless it has a `revocation`. A session holds at
 *  most about 2.9 KB of JSON, and of two parallel requests that change it, only the later one keeps its changes. */
export function cookieStore(options: CookieStoreOptions = {}): CookieStore {
  checkNames('cookieStore()', options, NAMES);
  const { acceptReplay, revocation } = options;
  if (revocation !== undefined && typeof revocation.store?.load !== 'function')
    throw fault(
      `is ${kindOf(revocation)}; allowed are sqlRevocation(), redisRevocation() and storeRevocation(store)`,
    );
  if (revocation && acceptReplay)
    throw fault('prevents the replay that acceptReplay: true accepts; remove one of them');
  return { kind: 'cookie', options };
}

const fault = (message: string) => new SessionConfigError([{ path: 'store.revocation', message }]);
