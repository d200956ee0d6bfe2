import type { SessionEvents } from '../persistence/session-events.js';

/** Milliseconds between two lines. Strangers can name keys that never were, so they must not fill the log. */
const PAUSE = 600_000;

/** Counts cookies and rows that name a key which is not in the ring, as the event `keyMissing`, and warns the operator with
 *  the count. A key that was dropped too early logs everybody out, and nobody else would say why. */
export function reportMissingKeys(
  events: SessionEvents,
  warn: (message: string) => void,
  now: () => number = Date.now,
): void {
  let quietUntil = 0;
  events.on('rejected', ({ session, reason }) => {
    if (reason !== 'unknown-key') return;
    const sessions = events.count('keyMissing') + 1;
    events.emit('keyMissing', { session, sessions });
    if (now() < quietUntil) return;
    quietUntil = now() + PAUSE;
    warn(messageOf(sessions));
  });
}

const messageOf = (sessions: number): string =>
  `${sessions === 1 ? '1 session was' : `${sessions} sessions were`} sealed by a key that is not in crypto.secrets, so their users are ` +
  'logged out. If a key was dropped too early, put it back at the end of the list until its sessions have ended. ' +
  'If no key was dropped, another server has other keys, a key of a managed ring was revoked, or somebody tries made-up cookies';
