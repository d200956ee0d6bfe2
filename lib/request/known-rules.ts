/** Whether any route of this process has rules for its sessions. Most applications have none, and need no guard that
 *  brings them to the requests: a guard costs every request two promises. */

interface KnownRules {
  /** A decorator has given a route rules. */
  exist: boolean;
  /** An application was told that there are none. */
  denied: boolean;
  /** A handler has `@SessionLock()`. */
  locks?: boolean;
}

/** All copies of the package share this value: the decorators of one may stand on the routes of another's module. */
const KNOWN = Symbol.for('nestjs-session-crypto/known-rules');
const holder = globalThis as { [KNOWN]?: KnownRules };
const known = (holder[KNOWN] ??= { exist: false, denied: false });

/** Notes that a route has rules. Returns true if an application has started without a guard that would bring them to
 *  the requests, so that the route has to bring its own. */
export function noteRules(): boolean {
  known.exist = true;
  return known.denied;
}

/** Reports whether a route has rules, as far as the decorators have run. */
export function rulesExist(): boolean {
  if (!known.exist) known.denied = true;
  return known.exist;
}

/** Notes that a handler needs the locks of a store. */
export function noteLocks(): void {
  known.locks = true;
}

export const locksExist = (): boolean => known.locks === true;
