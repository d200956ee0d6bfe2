/** Receives what was asked for, or the error that has come in its place. It must not throw: the code of a database client
 *  calls it. */
export type Done<T> = (error: unknown, result?: T) => void;

/** Asks by a callback, and returns a promise of what comes. */
export const promised = <T>(ask: (done: Done<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    ask((error, result) => (error ? reject(error as Error) : resolve(result!)));
  });
