/** Tokens against requests that other sites make the browser send. `SessionCsrfGuard` asks for one if the browser says neither
 *  Sec-Fetch-Site nor Origin. */
export interface CsrfOptions {
  /** Seconds for which a token of `@CsrfToken()` is accepted. Every page gets a new one, so a form must be sent within this time.
   *  @allowed 300 to 315360000
   *  @default 7200
   *  @see PHP's manual, `session.security` */
  readonly lifetime?: number;
}
