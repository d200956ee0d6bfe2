import { mayBeDone } from '../persistence/settle-write.js';
import type { ProfileStore } from './profile-store.js';
import type { SessionManager } from './session-manager.js';

/** What became of the end of sessions in one store. */
export interface StorePart<R = unknown> {
  readonly store: ProfileStore;
  readonly result: PromiseSettledResult<R>;
}

/** Tells that one session has ended. */
export function reportRevoked(manager: SessionManager, id: string, subject: string | undefined): void {
  const { events, name } = manager;
  events.emit('signedOut', { session: name, id, subject, why: 'revoked' });
}

/** Tells that many sessions have ended, `ended` of them stored ones, unless it is certain that none has. Nobody counts those in
 *  cookies, nor those of a store whose answer was lost. */
export function reportAllRevoked(
  { events, name }: SessionManager,
  subject: string | undefined,
  ended: number,
  parts: readonly StorePart[],
): void {
  const acted = parts.filter(({ result }) => result.status === 'fulfilled' || mayBeDone(result.reason));
  if (!ended && !acted.length) return;
  const isCounted = ended > 0 || acted.every(counts);
  const sessions = isCounted ? { sessions: ended } : {};
  events.emit('signedOut', { session: name, id: undefined, subject, ...sessions, why: 'revoked' });
}

const counts = ({ store, result }: StorePart): boolean => !store.revocation && result.status === 'fulfilled';
