import type { SessionManager } from '../manager/session-manager.js';
import { SessionService } from '../session.service.js';
import { hasRows } from '../stores/all-rows.js';

/** Resolves to about how many sessions a command will read, for its bar; to `undefined` if a store cannot tell. Never rejects: a bar
 *  is no reason to leave the work undone, and a store that is down tells so when it is read. */
export async function totalOf(manager: SessionManager): Promise<number | undefined> {
  const isComplete = manager.stores.every(({ rows }) => !hasRows(rows) || rows.count !== undefined);
  if (!isComplete) return undefined;
  return new SessionService(manager).count({ estimate: true }).catch(() => undefined);
}
