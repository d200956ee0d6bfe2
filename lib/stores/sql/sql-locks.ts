import type { SessionLocks } from '../session-locks.interface.js';
import type { Executor } from './executor.js';
import type { StatementName } from './statements.js';

/** Returns the locks of a session table: rows of a state of their own, which `prune` removes if their holder has died. */
export function sqlLocks(run: Executor<StatementName>['run']): SessionLocks {
  const isDone = ({ affected }: { affected: number }) => affected > 0;
  return {
    acquire: (...values) => run('acquireLock', values).then(isDone),
    renew: (...values) => run('renewLock', values).then(isDone),
    release: (...values) => run('releaseLock', values).then(() => undefined),
  };
}
