/** Base of every error that this package throws on purpose. `code` never changes; messages may. */
export abstract class SessionCryptoError extends Error {
  abstract readonly code: string;

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}
