import { SessionStoreError } from '../errors/session-store.error.js';

/** A session as stores for express-session keep it: JSON with the cookie, whose end is the end of the session. */
export interface ConnectSession {
  cookie: { expires?: Date | string | null; originalMaxAge?: number | null; [name: string]: unknown };
  [key: string]: unknown;
}

/** What the types of other packages say differently: what a session is, and what an error is. */
// eslint-disable-next-line typescript/no-explicit-any
export type Foreign = any;

/** The last argument of a method. */
export type ConnectCallback = (error?: Foreign, result?: Foreign) => void;

/** A store for express-session: connect-redis, connect-pg-simple, MemoryStore, … */
export interface ConnectStore {
  get(id: string, callback: ConnectCallback): unknown;
  set(id: string, session: Foreign, callback: ConnectCallback): unknown;
  destroy(id: string, callback: ConnectCallback): unknown;
}

/** Calls a method of a store that takes a callback. Rejects with a SessionStoreError, also if the method throws or returns a
 *  promise that rejects. A load resolves to `undefined` for a session that a store in files does not find; a write that finds
 *  no folder has failed. */
export function askConnectStore<R>(
  operation: string,
  ask: (callback: (error?: unknown, result?: R | null) => void) => unknown,
): Promise<R | undefined> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown) => {
      if (operation === 'load' && (error as { code?: unknown }).code === 'ENOENT') return resolve(undefined);
      reject(SessionStoreError.from(operation, error) as Error);
    };
    try {
      const returned = ask((error, result) => (error ? failed(error) : resolve(result ?? undefined)));
      if (returned instanceof Promise) returned.catch(failed);
    } catch (error) {
      failed(error ?? new Error());
    }
  });
}
