/** The base of every error that this package throws on purpose. No error contains a secret, a key, a token or session
 *  data. */
export abstract class SessionCryptoError extends Error {
  /** A stable name for programs. The messages may change. */
  abstract readonly code: string;

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}
