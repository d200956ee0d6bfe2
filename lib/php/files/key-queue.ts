/** Lets what is done to one key in this process happen one after the other, so that only other processes are rivals. */
export class KeyQueue {
  private readonly tails = new Map<string, Promise<unknown>>();

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
