import type { SessionEvents } from '../persistence/session-events.js';

/** Milliseconds between two lines. Strangers can name keys that never were, so they must not fill the log. */
const PAUSE = 600_000;

/** Counts cookies and rows that name a key which is not in the ring, as the event `keyMissing`, and warns the operator with
 *  the count. A key that was dropped too early logs everybody out, and nobody else would say why. */
export function reportMissingKeys(
  events: SessionEvents,
  warn: (message: string) => void,
  isManaged = false,
  now: () => number = Date.now,
): void {
  let quietUntil = 0;
  events.on('rejected', ({ session, reason }) => {
    if (reason !== 'unknown-key') return;
    const sessions = events.count('keyMissing') + 1;
    events.emit('keyMissing', { session, sessions });
    if (now() < quietUntil) return;
    quietUntil = now() + PAUSE;
    warn(messageOf(sessions, isManaged));
  });
}

const messageOf = (sessions: number, isManaged: boolean): string =>
  `${sessions === 1 ? '1 session was' : `${sessions} sessions were`} sealed by a key that is not in ` +
  (isManaged ? MANAGED : PLAIN);

const PLAIN =
  'crypto.secrets, so their users are ' +
  'logged out. If a key was dropped too early, put it back at the end of the list until its sessions have ended. ' +
  'If no key was dropped, another server has other keys, or somebody tries made-up cookies';

const MANAGED =
  'the managed ring, so their users are ' +
  'logged out. A key was revoked, another server has another ring or store of keys, this server could not read that store (keysFailed), ' +
  'or somebody tries made-up cookies';
