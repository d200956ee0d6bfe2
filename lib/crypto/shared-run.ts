/** Runs one work at a time for whoever asks. Who asks during a run gets the run after it, since the run under way may have
 *  read already what has changed meanwhile. All who ask during a run share that next one. */
export class SharedRun {
  private running: Promise<void> | undefined;
  /** Asked for, and not begun. */
  private next: Promise<void> | undefined;

  constructor(private readonly work: () => Promise<void>) {}

  /** Settles as a run does that has begun after this call. */
  run(): Promise<void> {
    if (this.next) return this.next;
    if (!this.running) return this.begin();
    return (this.next = this.running.then(ignore, ignore).then(() => this.begin()));
  }

  private begin(): Promise<void> {
    this.next = undefined;
    return (this.running = this.work().finally(() => (this.running = undefined)));
  }
}

const ignore = () => undefined;
