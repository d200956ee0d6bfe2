import type { TokenSession } from './token-session.js';

/** The sessions of all drivers, as far as is known. When one driver sees that a token was pulled or a library restarted,
 *  the others must not go on with theirs: the library may have given the same handles, of session and keys, to the one
 *  that was quicker to come back. */
const live = new Set<TokenSession>();

export const liveSessions = {
  add: (session: TokenSession) => void live.add(session),
  has: (session: TokenSession) => live.has(session),

  /** Whether it was there. */
  delete: (session: TokenSession) => live.delete(session),

  /** Forgets the sessions with a library, or with the token in one of its slots. */
  end(library: string, slot?: bigint): void {
    for (const session of live)
      if (session.cryptoki.library === library && (slot === undefined || session.slot === slot))
        live.delete(session);
  },
};
