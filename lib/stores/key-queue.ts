import { ShortLivedMap } from './short-lived-map.js';

/** Runs the operations on one key of this process one after another, so that only other processes compete for a file.
 *  Without it, requests of one process would overwrite each other, or cut each other off. */
export class KeyQueue {
  private readonly tails = new ShortLivedMap<string, Promise<unknown>>();

  /** Runs `work` after everything that was queued for the key, whether that succeeded or not. */
  run<R>(key: Buffer, work: () => Promise<R>): Promise<R> {
    const name = key.toString('latin1');
    const before = this.tails.get(name) ?? Promise.resolve();
    const result = before.then(work);
    const tail = result
      .catch(() => undefined)
      .then(() => {
        if (this.tails.get(name) === tail) this.tails.delete(name);
      });
    this.tails.set(name, tail);
    return result;
  }
}
