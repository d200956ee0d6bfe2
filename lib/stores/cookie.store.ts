import { checkNames, type OptionNames } from '../errors/check-names.js';

/** Selects sessions that live in the cookie: the sealed session itself is the token, and the server keeps nothing. */
export interface CookieStore {
  readonly kind: 'cookie';
  readonly options: CookieStoreOptions;
}

export interface CookieStoreOptions {
  /** Confirms in writing that a copied cookie works again until its sealed clocks end it, even after logout. Without it
   *  the audit reports the risk. @default false */
  readonly acceptReplay?: boolean;
}

const NAMES: OptionNames<CookieStoreOptions> = { acceptReplay: true };

/** Returns a store that keeps each session in its cookie. It needs no database. A session holds at most about 2.9 KB of
 *  JSON, and of two parallel requests that change it, only the later one keeps its changes. */
export function cookieStore(options: CookieStoreOptions = {}): CookieStore {
  checkNames('cookieStore()', options, NAMES);
  return { kind: 'cookie', options };
}
