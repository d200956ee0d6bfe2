/** What the sample keeps in a session. */
export interface ShopSession {
  /** How many of which product. */
  cart: Readonly<Record<string, number>>;
  /** Set at log in, and demanded by the admin page. */
  admin: true;
}
