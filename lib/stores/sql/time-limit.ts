/** Nothing came in time. */
export class TimeoutError extends Error {
  readonly code = 'timeout';
}

/** Resolves or rejects as `result` does; rejects with a TimeoutError at `until` (`performance.now()`) if that comes first. */
export function within<T>(until: number, result: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new TimeoutError('timeout'));
    const timer = setTimeout(late, Math.max(0, until - performance.now()));
    result.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
