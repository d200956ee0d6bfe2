import type { SessionStore } from 'nestjs-session-crypto';

export type Loss =
  /** The write is done, and its answer is lost. */
  | 'answer'
  /** The write is lost. */
  | 'write';

/** Loses the next calls of a method as a broken connection would, then goes on as before. The store itself does its real
 *  work. */
export function loseNext(
  store: SessionStore,
  method: 'create' | 'replace' | 'move' | 'destroy' | 'load',
  losses: readonly Loss[],
): void {
  const methods = store as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const original = methods[method]!;
  const left = [...losses];
  methods[method] = async (...args) => {
    const loss = left.shift();
    if (!left.length) methods[method] = original;
    if (loss !== 'write') await original.apply(store, args);
    throw Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' });
  };
}
