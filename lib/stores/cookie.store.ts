/** Says that the sealed session itself is the token: nothing waits on the server. */
export interface CookieStore {
  readonly kind: 'cookie';
  readonly options: CookieStoreOptions;
}

export interface CookieStoreOptions {
  /** States in writing that a copied cookie works again until its sealed clocks end it, also after logout.
   *  Without it the audit says so. @default false */
  readonly acceptReplay?: boolean;
}

/** Sessions in the cookie: no database, at most about 2.9 KB of JSON, parallel changes lose by nature. */
export function cookieStore(options: CookieStoreOptions = {}): CookieStore {
  return { kind: 'cookie', options };
}
