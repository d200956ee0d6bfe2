import { codeOf, SessionStoreError } from '../errors/session-store.error.js';
import { SessionCryptoError } from '../errors/session-crypto.error.js';
import type { Output } from './output.interface.js';

/** Resolves to the exit status of work with a store: 0, or 1 if the store is unavailable. Rejects with all other errors of this
 *  package, which say what is wrong. */
export async function storeStatus(output: Output, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (error instanceof SessionCryptoError && !(error instanceof SessionStoreError)) throw error;
    output.err(`session-crypto: the store is unavailable (${codeOf(error)})\n`);
    return 1;
  }
}
