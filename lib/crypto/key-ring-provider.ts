import { watch as watchFolder, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import { SessionStateError } from '../errors/session-state.error.js';
import { hintsOf } from './key-hint.js';
import type { KeyRing } from './key-ring.js';
import type { KeySource } from './key-source.interface.js';
import { wipeSecrets, type Secret } from './secret.js';
import { SharedRun } from './shared-run.js';

/** `crypto.reload`. */
export interface ReloadOptions {
  /** Seconds between reloads; 0 for none. */
  readonly interval: number;
  /** Reloads when the file of a secret changes. */
  readonly watch: boolean;
  /** Reloads at this signal of the process, for example `SIGHUP`; absent for none. */
  readonly signal?: NodeJS.Signals;
}

/** A ring of any format: keys that are exchanged together. {@link KeyRing} is the native one. */
export interface AnyRing {
  readonly keys: readonly unknown[];
}

/** Makes the ring of one format. */
export interface AnyRingMaker<R extends AnyRing> {
  /** Returns a ring of all secrets, in their order. The provider wipes the secrets afterwards. Rejects with a
   *  SessionConfigError. */
  make(secrets: readonly Secret[]): Promise<R>;
}

/** What became of the readings of the sources. */
export interface SourceState {
  readonly sources: readonly Pick<KeySource, 'path' | 'kind' | 'reloads'>[];
  /** Seconds since the last reading that gave a ring. */
  readonly readAgo: number;
  /** Seconds since the reading that gave the ring that is in use. */
  readonly changedAgo: number;
  /** What the last reading or a watcher has failed with, if none went well since. */
  readonly failed: { readonly error: unknown } | undefined;
}

/** Hears about reloads, for events and the log. */
export interface ReloadListener {
  /** A reload has put a ring of that many keys in place; `hints` are theirs, where the format has some. */
  reloaded(keys: number, hints: readonly string[]): void;
  /** A reload or a file watcher has failed; the last good ring is still in use. */
  failed(error: unknown): void;
}

/** Milliseconds without a change after which a file counts as written. */
const SETTLE_MS = 100;

/** Holds the current key ring and reloads it from its sources. A reload exchanges the whole ring or nothing: if one source
 *  fails, the last good ring stays in use. */
export class KeyRingProvider<R extends AnyRing = KeyRing> {
  private current!: R;
  private readonly renewal = new SharedRun(() => this.renew());
  /** A ring in the making, which uses the driver. */
  private making: Promise<R> | undefined;
  private isStopped = false;
  private timer: NodeJS.Timeout | undefined;
  private settle: NodeJS.Timeout | undefined;
  private watchers: FSWatcher[] = [];
  private readAt = 0;
  private changedAt = 0;
  private failed: SourceState['failed'];
  private readonly onSignal = () => void this.reloadQuietly();

  constructor(
    private readonly sources: readonly KeySource[],
    private readonly maker: AnyRingMaker<R>,
    private readonly options: ReloadOptions,
    private readonly listener: ReloadListener,
    /** Returns milliseconds of a clock that nobody sets. */
    private readonly steady: () => number = () => performance.now(),
  ) {}

  /** The current ring. Read it once for each operation, since a reload may exchange it at any time. */
  get ring(): R {
    return this.current;
  }

  get sourceState(): SourceState {
    const sources = this.sources.map(({ path, kind, reloads }) => ({ path, kind, reloads }));
    const [readAgo, changedAgo] = [this.readAt, this.changedAt].map((at) => (this.steady() - at) / 1000);
    return { sources, readAgo: readAgo!, changedAgo: changedAgo!, failed: this.failed };
  }

  /** Reads every source for the first time. Must resolve before {@link ring} is used. Rejects with a SessionConfigError. */
  async start(): Promise<this> {
    this.take(await this.read());
    return this;
  }

  /** Starts the timer, the signal handler and the file watchers. Does nothing if no source can return other secrets. None
   *  of them keeps the process alive. */
  listen(): void {
    const { interval, signal, watch } = this.options;
    const reloading = this.sources.filter((source) => source.reloads);
    if (!reloading.length) return;
    if (interval) this.timer = setInterval(this.onSignal, interval * 1000).unref();
    if (signal) process.on(signal, this.onSignal);
    if (watch) for (const { file } of reloading) if (file) this.watchFile(file);
  }

  /** Reads every source again. A call during a reload waits for one more: the reload under way may have read a source before
   *  it was changed. All calls during a reload share that next one. Rejects with a SessionConfigError if a source fails, and
   *  with a SessionStateError (`ERR_SESSION_CLOSED`) after {@link stop}. */
  reload(): Promise<void> {
    return this.renewal.run();
  }

  /** Stops the timer, the signal handler and the watchers. The ring stays usable. When the promise resolves, nothing here uses
   *  the driver any more; it does not wait for sources. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    clearTimeout(this.settle);
    for (const watcher of this.watchers) watcher.close();
    if (this.options.signal) process.off(this.options.signal, this.onSignal);
    await this.making?.catch(() => undefined);
  }

  private async renew(): Promise<void> {
    try {
      this.take(await this.read());
      const { keys } = this.current;
      this.listener.reloaded(keys.length, hintsOf(keys));
    } catch (error) {
      if (!this.isStopped) this.fail(error);
      throw error;
    }
  }

  private take(ring: R): void {
    this.readAt = this.steady();
    if (ring !== this.current) this.changedAt = this.readAt;
    this.failed = undefined;
    this.current = ring;
  }

  private fail(error: unknown): void {
    this.failed = { error };
    this.listener.failed(error);
  }

  private reloadQuietly(): Promise<void> {
    return this.reload().catch(() => undefined); // renew() has told the listener
  }

  /** Reads all sources into one ring. Wipes the secrets, even those that were read before another source failed. */
  private async read(): Promise<R> {
    const secrets: Secret[] = [];
    try {
      if (this.isStopped) throw stopped(); // a reload has waited for another one
      for (const source of this.sources) secrets.push(...(await source.read()));
      if (this.isStopped) throw stopped();
      return await (this.making = this.maker.make(secrets));
    } finally {
      wipeSecrets(secrets);
    }
  }

  /** Watches the folder and not the file itself: editors and secret mounts replace the file, and a watcher of the old file
   *  would hear nothing more. */
  private watchFile(file: string): void {
    try {
      this.watchers.push(this.watcherOf(file));
    } catch (error) {
      this.fail(error); // the system has no watcher left; the timer still reloads
    }
  }

  /** Returns a watcher that reloads once the folder has been quiet for {@link SETTLE_MS}. A change counts if the system
   *  names the file, no file, or a name with `..`: Kubernetes exchanges a mounted secret by its link `..data`. */
  private watcherOf(file: string): FSWatcher {
    const name = basename(file);
    const watcher = watchFolder(dirname(file), { persistent: false }, (_event, changed) => {
      if (changed && changed !== name && !changed.startsWith('..')) return;
      clearTimeout(this.settle);
      this.settle = setTimeout(this.onSignal, SETTLE_MS).unref();
    });
    return watcher.on('error', (error) => this.fail(error));
  }
}

const stopped = () =>
  new SessionStateError(
    'ERR_SESSION_CLOSED',
    'The keys cannot be read again, because the application is closing',
  );
