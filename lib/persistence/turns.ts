import { ShortLivedMap } from '../stores/short-lived-map.js';

/** Lets those who want the same thing have it one after another, in the order in which they came. */
export class Turns {
  private readonly lines = new ShortLivedMap<string, (() => void)[]>();

  /** Resolves to `true` when it is the caller's turn, which {@link leave} must end; to `false` once `waiting` is aborted. */
  wait(name: string, waiting: AbortSignal): Promise<boolean> {
    const line = this.lines.get(name);
    if (!line) this.lines.set(name, []);
    if (!line || waiting.aborted) return Promise.resolve(!line);
    return new Promise((resolve) => {
      const begin = () => {
        waiting.removeEventListener('abort', giveUp);
        resolve(true);
      };
      const giveUp = () => {
        line.splice(line.indexOf(begin), 1);
        resolve(false);
      };
      line.push(begin);
      waiting.addEventListener('abort', giveUp, { once: true });
    });
  }

  leave(name: string): void {
    const next = this.lines.get(name)?.shift();
    if (next) next();
    else this.lines.delete(name);
  }
}
