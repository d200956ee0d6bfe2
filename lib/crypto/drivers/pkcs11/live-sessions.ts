import type { TokenSession } from './token-session.js';

const live = new Set<TokenSession>();

/** The open token sessions of all drivers in this process.
 *
 *  If one driver finds that a token was removed or a library restarted, the sessions of all drivers with it are gone. The
 *  others must not use theirs any more: the library may already have given the same numbers, for sessions and for keys, to
 *  the driver that reconnected first. A driver would then seal with another key. */
export const liveSessions = {
  /** Adds a session that was just opened. */
  add: (session: TokenSession) => void live.add(session),
  /** Reports whether the session may still be used. */
  has: (session: TokenSession) => live.has(session),

  /** Removes a session; returns true if it was live. */
  delete: (session: TokenSession) => live.delete(session),

  /** Removes all sessions with a library, or only those with one of its slots. */
  end(library: string, slot?: bigint): void {
    for (const session of live)
      if (session.cryptoki.library === library && (slot === undefined || session.slot === slot))
        live.delete(session);
  },
};
