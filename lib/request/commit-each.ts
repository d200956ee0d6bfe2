/** A session of a request, as far as it is committed here. */
interface Committed {
  /** True if there may be something to store. */
  readonly used: boolean;
  /** True if a change waits for a commit. */
  readonly pending: boolean;
  commit(until?: number): void | Promise<void>;
}

/** Commits the sessions of further modules beside what is under way, which must not be left without a listener. */
export function commitEach(
  others: readonly Committed[],
  first: void | Promise<void>,
  until: number | undefined,
): Promise<void>[] {
  const waiting: Promise<void>[] = first instanceof Promise ? [first] : [];
  for (const session of others) {
    if (!session.used) continue;
    try {
      const stored = session.commit(until);
      if (stored instanceof Promise) waiting.push(stored);
    } catch (error) {
      if (!waiting.length) throw error;
      waiting.push(Promise.reject(error as Error));
    }
  }
  return waiting;
}

/** Waits for all commits, even after one has failed: what another session still stores would come after the answer. Rejects as the
 *  one that has failed first. */
export async function allOf(commits: readonly Promise<void>[]): Promise<void> {
  try {
    await Promise.all(commits);
  } finally {
    await Promise.allSettled(commits);
  }
}

/** Commits what was changed meanwhile, and only that: a session that may not be stored stays pending for ever. */
export function commitPending(
  sessions: readonly Committed[],
  until: number | undefined,
): void | Promise<void> {
  const changed = sessions.filter(({ pending }) => pending);
  const waiting = commitEach(changed, undefined, until);
  if (waiting.length) return allOf(waiting).then(() => commitPending(sessions, until));
}
