import type { PendingCommit } from '../persistence/session-commit.interface.js';

/** The part of a guard that says at once whether the changes of a request may be stored, such as a lock that is held. */
interface Guard {
  assertHeld(): void;
}

export function isHeld(guard: Guard): boolean {
  try {
    guard.assertHeld();
    return true;
  } catch {
    return false;
  }
}

/** Returns what a commit stores only as long as the guard says yes: the committer applies changes again and again. */
export function guarded(pending: PendingCommit, guard: Guard | undefined): PendingCommit {
  if (!guard || pending.changes.isEmpty) return pending;
  return { ...pending, changes: pending.changes.behind(() => guard.assertHeld()) };
}
