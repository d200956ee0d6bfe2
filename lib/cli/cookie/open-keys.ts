import type { SessionStoreError } from '../../errors/session-store.error.js';
import { SessionManager } from '../../manager/session-manager.js';
import { resolveAudited, type AuditedOptions } from '../../options/audit/audit-options.js';
import { DEFAULT_SESSION } from '../../options/default-session.js';
import type { DriverContainer } from '../../options/resolve-driver.js';
import { SessionEvents } from '../../persistence/session-events.js';
import { loadConfig } from '../load-config.js';
import { withSessions, type SessionFlags } from '../open-sessions.js';

/** The keys and options of an application. */
export interface OpenedKeys {
  readonly manager: SessionManager;
  /** Why its store could not be opened, as a code; absent if it is open. */
  readonly storeDown?: string | undefined;
}

/** An application may have another copy of this package. */
export const isStoreError = (error: unknown): error is SessionStoreError =>
  (Object(error) as { code?: unknown }).code === 'ERR_SESSION_STORE';

/** Works with an application, or with its keys alone while its store is down: they say all of a sealed cookie, and whether a
 *  reference is authentic. Rejects with the error of the store if the keys are there too. */
export async function withKeys<R>(flags: SessionFlags, work: (opened: OpenedKeys) => Promise<R>): Promise<R> {
  let isOpen = false;
  const begun = (opened: OpenedKeys) => {
    isOpen = true;
    return work(opened);
  };
  try {
    return await withSessions(flags, begun);
  } catch (error) {
    if (isOpen || !isStoreError(error) || flags.module !== undefined) throw error;
    return withoutStore(flags, error, work);
  }
}

async function withoutStore<R>(
  flags: SessionFlags,
  down: SessionStoreError,
  work: (opened: OpenedKeys) => Promise<R>,
): Promise<R> {
  const options = await loadConfig(flags.config);
  if (isManaged(options)) throw down; // its keys are in the store
  return withKeysAlone(options, (manager) => work({ manager, storeDown: down.reason }));
}

/** Reports whether the keys of options are in a store. */
export const isManaged = ({ crypto }: AuditedOptions): boolean => typeof crypto.ring === 'object';

/** Reads the keys of options and opens no store. Rejects with a SessionConfigError. */
export async function withKeysAlone<R>(
  options: AuditedOptions,
  work: (manager: SessionManager) => Promise<R>,
): Promise<R> {
  const parts = { ...ALONE, name: options.name ?? DEFAULT_SESSION, events: new SessionEvents() };
  const manager = await SessionManager.create(resolveAudited(options), parts);
  try {
    return await work(manager);
  } finally {
    await manager.close().catch(() => undefined); // its stores were never open
  }
}

const NOWHERE: DriverContainer = {
  find: () => Promise.resolve(undefined),
  make: (driver) => Reflect.construct(driver, []) as unknown,
};

const ALONE = {
  clock: (actual: Date) => actual,
  drivers: NOWHERE,
  tell: () => undefined,
  isCaseSensitive: () => false,
};
