/** Resolves to what `work` resolves to, or to `undefined` if it fails or takes longer. A page must not wait for a store that is
 *  away. */
export function within<T>(milliseconds: number, work: () => Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), milliseconds).unref();
    asked(work)
      .then(resolve, () => resolve(undefined))
      .finally(() => clearTimeout(late));
  });
}

const asked = async <T>(work: () => Promise<T>): Promise<T> => work();
