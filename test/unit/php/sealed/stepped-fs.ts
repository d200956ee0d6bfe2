import { AsyncLocalStorage } from 'node:async_hooks';
import { vi } from 'vitest';

type FileSystem = typeof import('node:fs/promises');

/** The operations of the file system that a store uses. Each is one step. */
const STEPS = [
  'open',
  'link',
  'rename',
  'unlink',
  'access',
  'mkdir',
  'rmdir',
  'readdir',
  'stat',
  'lstat',
] as const;

/** Is called before every step of an actor; see {@link asActor}. A step whose gate never resolves never happens. */
type Gate = (step: string) => Promise<void>;
const actors = new AsyncLocalStorage<Gate>();

export const asActor = <R>(gate: Gate, work: () => Promise<R>): Promise<R> => actors.run(gate, work);

/** The file system in single steps. Waiting for the disk is left out, because it only takes time. */
export async function steppedFileSystem(): Promise<FileSystem> {
  const actual = await vi.importActual<FileSystem>('node:fs/promises');
  const stepped = Object.fromEntries(STEPS.map((step) => [step, gated(step, actual[step] as Step)]));
  return { ...actual, ...stepped };
}

/** A wait as one step that takes no time. */
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

/** Runs all works at once, one step of one work at a time. `pick` gets the number of works and chooses one. After `frozen`
 *  steps the first work sleeps until all others are done. */
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

/** Runs `steps` steps and then stops for ever. Returns `true` if the work finishes before that. */
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
