/** Looks, one turn of the event loop after a change that came after the head, whether `save()` has followed. Without it
 *  nothing would store the change, and nobody would hear of the loss. */
export class LateChangeWatch {
  private watching = false;
  private waiting = false;

  /** @param commitUnderWay the commit that runs at the moment, or is certain to come; a `save()` that waits behind it takes the change
   *  along.
   *  @param onMissed is called once when no `save()` came. */
  constructor(
    private readonly commitUnderWay: () => Promise<void> | undefined,
    private readonly onMissed: () => void,
  ) {}

  /** A change came after the head. */
  start(): void {
    if (this.watching) return;
    this.watching = true;
    setImmediate(() => this.look());
  }

  /** `save()` was called. */
  stop(): void {
    this.watching = false;
  }

  private look(): void {
    if (!this.watching || this.waiting) return;
    const running = this.commitUnderWay();
    if (running) return this.waitFor(running);
    this.watching = false;
    this.onMissed();
  }

  /** Waits for one commit at a time: the answer to a handshake may be awaited as long as its socket is open. */
  private waitFor(running: Promise<void>): void {
    this.waiting = true;
    const again = () => {
      this.waiting = false;
      this.look();
    };
    running.then(again, again);
  }
}
