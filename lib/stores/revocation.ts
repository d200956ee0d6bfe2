import { checkNames } from '../errors/check-names.js';
import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import { memoryStore, type MemoryStoreOptions } from './memory.store.js';
import type { SessionStore } from './session-store.interface.js';

export interface RevocationOptions {
  /** Remembers the newest state of each session, so that a copy of an older cookie counts no more and a late request does not
   *  overwrite a newer one. Each change of a session then costs two statements, and a change whose response is lost on its
   *  way costs the visitor his session. @default false */
  readonly generations?: boolean;
}

/** Where the server keeps which sealed cookies count no more. */
export interface RevocationSource {
  /** Keeps a row for each session and subject that was ended, until no cookie from before can be alive. */
  readonly store: SessionStore;
  readonly generations: boolean;
}

/** Returns a source that keeps its rows in a session store, besides sessions or alone. The store must compare versions. */
export function storeRevocation(store: SessionStore, options: RevocationOptions = {}): RevocationSource {
  checkNames('storeRevocation()', options, { generations: true });
  const { generations = false } = options;
  if (typeof generations !== 'boolean')
    throw fault('generations', `is ${kindOf(generations)}; allowed are true, false`);
  if (Object(store).guarded !== true)
    throw fault(
      'store',
      `is ${kindOf(store)}; allowed is a session store on the server that compares versions`,
    );
  return { store, generations };
}

/** Returns a source in the memory of this process, for development and tests: other processes know nothing of it. */
export const memoryRevocation = ({ generations, ...options }: RevocationOptions & MemoryStoreOptions = {}) =>
  revocationIn('memoryRevocation', generations, () => memoryStore(options));

/** Makes a source around a store, whose faults then name the source. */
export const revocationIn = (
  maker: string,
  generations: boolean | undefined,
  make: () => SessionStore,
): RevocationSource =>
  namingRevocation(maker, () => storeRevocation(make(), generations === undefined ? {} : { generations }));

/** Does `work`; the faults that it throws say `store.revocation` in place of `store`. */
export function namingRevocation<R>(maker: string, work: () => R): R {
  try {
    return work();
  } catch (error) {
    throw revocationFault(error, maker);
  }
}

/** Returns the error with faults that name the revocation. */
export function revocationFault(error: unknown, maker = 'storeRevocation'): unknown {
  if (!(error instanceof SessionConfigError)) return error;
  const named = error.faults.map(({ path, message }) => ({
    path: path.replace(/^\w+\(\)/, `${maker}()`).replace(/^store\b(?!\.revocation)/, 'store.revocation'),
    message,
  }));
  return new SessionConfigError(named);
}

const fault = (member: string, message: string) =>
  new SessionConfigError([{ path: `store.revocation.${member}`, message }]);
