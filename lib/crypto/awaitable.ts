// Values that are there at once or come later. Drivers and stores may be synchronous or asynchronous; the helpers below
// keep a synchronous call on the same tick, which `await` would not.

/** A plain value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** Calls `next` with the value: at once if it is plain, or when the promise resolves. Returns the result of `next`. */
export function andThen<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Calls `next` with the result of `act`, or `failed` with the error that `act` throws or rejects with. Stays on the same
 *  tick if `act` does. An error of `next` is not given to `failed`. */
export function settle<T>(
  act: () => Awaitable<T>,
  next: (value: T) => Awaitable<void>,
  failed: (error: unknown) => never,
): Awaitable<void> {
  let value: Awaitable<T>;
  try {
    value = act();
  } catch (error) {
    return failed(error);
  }
  return value instanceof Promise ? value.then(next, failed) : next(value);
}

/** Returns the result of `act`, and calls `done` when `act` has returned, thrown or settled: `finally` for both kinds. */
export function finallyDo<T>(act: () => Awaitable<T>, done: () => void): Awaitable<T> {
  let value: Awaitable<T>;
  try {
    value = act();
  } catch (error) {
    done();
    throw error;
  }
  if (value instanceof Promise) return value.finally(done);
  done();
  return value;
}

/** Waits for a driver's result. Rejects with a TypeError, code `ERR_FOREIGN_PROMISE`, if the result is a promise of
 *  another library or realm.
 *
 *  The self-tests use it. The helpers above know a promise by its class, so they would take a foreign promise for the
 *  result itself: `open` would then return a truthy object for a forged value, and it would pass for a plaintext. */
export async function awaitResult<T>(result: Awaitable<T>): Promise<T> {
  const { then } = Object(result) as { then?: unknown };
  if (typeof then === 'function' && !(result instanceof Promise))
    throw Object.assign(new TypeError("a driver must return a plain value or Node's own Promise"), {
      code: 'ERR_FOREIGN_PROMISE',
    });
  return result;
}
