import { AsyncLocalStorage } from 'node:async_hooks';
import { vi } from 'vitest';

type FileSystem = typeof import('node:fs/promises');

/** What a store asks of the file system, each of which is one step of its own. */
const STEPS = ['open', 'link', 'rename', 'unlink', 'access', 'mkdir', 'readdir', 'stat', 'lstat'] as const;

/** Asked before every step of who is run by {@link asActor}; what it never answers never happens. */
type Gate = (step: string) => Promise<void>;
const actors = new AsyncLocalStorage<Gate>();

export const asActor = <R>(gate: Gate, work: () => Promise<R>): Promise<R> => actors.run(gate, work);

/** The file system in single steps. To wait for the disk takes time only, so it is left out. */
export async function steppedFileSystem(): Promise<FileSystem> {
  const actual = await vi.importActual<FileSystem>('node:fs/promises');
  const stepped = Object.fromEntries(STEPS.map((step) => [step, gated(step, actual[step] as Step)]));
  return { ...actual, ...stepped };
}

/** Waiting as one step that takes no time. */
export async function steppedTimers() {
  return { setTimeout: () => actors.getStore()?.('wait') ?? Promise.resolve() };
}

type Step = (...args: unknown[]) => Promise<unknown>;

const gated =
  (name: string, step: Step): Step =>
  async (...args) => {
    await actors.getStore()?.(name);
    const result = await step(...args);
    return name === 'open' ? Object.assign(result as object, { sync: async () => undefined }) : result;
  };

/** Runs all at once, one step of one of them at a time, as `pick` says: it gets how many there are to choose from.
 *  `frozen`: that many steps after which the first one sleeps until all others are done. */
export async function interleave(
  works: readonly (() => Promise<unknown>)[],
  pick: (choices: number) => number,
  frozen = Number.POSITIVE_INFINITY,
): Promise<PromiseSettledResult<unknown>[]> {
  const waiting = new Map<number, () => void>();
  let running = works.length;
  let done = 0;
  let sleepsAfter = frozen;
  const next = () => {
    if (--running || !waiting.size) return;
    const awake = [...waiting.keys()].filter(
      (actor) => actor || sleepsAfter > 0 || done === works.length - 1,
    );
    const actor = awake[pick(awake.length)]!;
    if (!actor) sleepsAfter--;
    const go = waiting.get(actor)!;
    waiting.delete(actor);
    running++;
    go();
  };
  const gateOf = (actor: number) => () =>
    new Promise<void>((resolve) => {
      waiting.set(actor, resolve);
      next();
    });
  return Promise.allSettled(
    works.map((work, actor) =>
      asActor(gateOf(actor), work).finally(() => {
        done++;
        next();
      }),
    ),
  );
}

/** Goes as far as `steps` steps and then for ever stands still; `true` when it came to its end before that. */
export function killedAfter(steps: number, work: () => Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let left = steps;
    const gate = () => {
      if (left-- > 0) return Promise.resolve();
      resolve(false);
      return new Promise<never>(() => undefined);
    };
    asActor(gate, work).then(() => resolve(true), reject);
  });
}
