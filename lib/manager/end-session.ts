import { decodeBase64url } from '../envelope/base64url.js';
import { SESSION_ID_LENGTH } from '../envelope/frame.js';
import { ROW_KEY_LENGTH } from './end-sessions.js';
import { reportRevoked } from './report-revoked.js';
import type { SessionManager } from './session-manager.js';
import { fulfilledOf, throwFirst } from './settled.js';
import { revocableProfiles } from './store-methods.js';

/** What became of the end of one session. `ended`: it has ended by that. `marked`: it is in a cookie, and has ended if there is one with
 *  this id (and subject): nobody knows which cookies there are. `none`: it had ended before, is none of the subject, or does not open
 *  here. */
export type EndedSession = 'ended' | 'marked' | 'none';

/** Ends the session with this id, in whichever store it is; with `subject`, only a session of that subject. A store that fails spares
 *  no session of another one; its error is thrown afterwards. */
export async function endSession(
  manager: SessionManager,
  id: string,
  subject?: string,
): Promise<EndedSession> {
  const key = decodeBase64url(id);
  const migratableUntil = manager.migrationEnd;
  const profiles = revocableProfiles(manager, 'destroy').filter(
    ({ store }) => key?.length === (store.rows ? ROW_KEY_LENGTH : SESSION_ID_LENGTH),
  );
  const ends = await Promise.allSettled(
    profiles.map(async ({ anyEndpoint: { repository } }) =>
      repository.end({ key: key!, migratableUntil }, subject),
    ),
  );
  const hasEnded = fulfilledOf(ends).includes(true);
  if (hasEnded) reportRevoked(manager, id, subject);
  throwFirst(ends);
  const isMarked = profiles.some(({ store }) => store.revocation) && (hasEnded || subject !== undefined);
  if (isMarked) return 'marked';
  return hasEnded ? 'ended' : 'none';
}
