/** A plain value, or a promise of it: drivers may answer either way, and plain answers stay on the same tick. */
export type Awaitable<T> = T | Promise<T>;

/** `next(value)`, now when the value is there, else when it arrives. */
export function andThen<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** `next` of what `act` gives, or `failed` of what it throws; on the same tick where it can be. */
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

/** What `act` gives; `done` runs once that has settled, also where it failed. */
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

/** An answer, waited for. Everywhere else a promise is known by its class, so one of another library or realm would be
 *  taken for the answer itself, and what is forged for a plaintext: it rejects with `ERR_FOREIGN_PROMISE`. */
export async function answerOf<T>(answer: Awaitable<T>): Promise<T> {
  const { then } = Object(answer) as { then?: unknown };
  if (typeof then === 'function' && !(answer instanceof Promise))
    throw Object.assign(new TypeError('a driver answers plainly or by a Promise of Node'), {
      code: 'ERR_FOREIGN_PROMISE',
    });
  return answer;
}
