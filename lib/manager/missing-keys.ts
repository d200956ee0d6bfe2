import type { SessionEvents } from '../persistence/session-events.js';

/** Counts cookies and rows that name a key which is not in the ring, as the event `keyMissing`. A key that was dropped too early
 *  logs everybody out, and nobody else would say why. */
export function countMissingKeys(events: SessionEvents): void {
  events.on('rejected', ({ session, reason, hint }) => {
    if (reason !== 'unknown-key') return;
    const sessions = events.count('keyMissing') + 1;
    events.emit('keyMissing', { session, sessions, ...(hint !== undefined && { hint }) });
  });
}
