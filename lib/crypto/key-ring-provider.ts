import { watch as watchFolder, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { KeyRing } from './key-ring.js';
import type { KeySource } from './key-source.interface.js';
import type { Secret } from './secret.js';

export interface ReloadOptions {
  /** Seconds between reloads; 0 for none. */
  readonly interval: number;
  /** Reload when a secret's file changes. */
  readonly watch: boolean;
  /** Reload at this signal, for example `SIGHUP`; absent for none. */
  readonly signal?: NodeJS.Signals;
}

/** What a keeper holds: keys that belong together, native or of another format. */
export interface AnyRing {
  readonly keys: readonly unknown[];
}

/** Makes a ring of all secrets, in their order; the keeper wipes them. Rejects with a SessionConfigError. */
export interface AnyRingMaker<R extends AnyRing> {
  make(secrets: readonly Secret[]): Promise<R>;
}

/** Told what became of a reload. */
export interface ReloadListener {
  reloaded(keys: number): void;
  failed(error: unknown): void;
}

const SETTLE_MS = 100;

/** Holds the ring of the moment and renews it: whole ring or nothing, the last good ring stays when a source fails. */
export class KeyRingProvider<R extends AnyRing = KeyRing> {
  private current!: R;
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private settle: NodeJS.Timeout | undefined;
  private watchers: FSWatcher[] = [];
  private readonly onSignal = () => void this.reloadQuietly();

  constructor(
    private readonly sources: readonly KeySource[],
    private readonly maker: AnyRingMaker<R>,
    private readonly options: ReloadOptions,
    private readonly listener: ReloadListener,
  ) {}

  get ring(): R {
    return this.current;
  }

  /** Reads every source for the first time; rejects with a SessionConfigError. */
  async start(): Promise<this> {
    this.current = await this.read();
    return this;
  }

  /** Starts the timer and the watchers, where a source can answer differently another time. */
  listen(): void {
    const { interval, signal, watch } = this.options;
    const reloading = this.sources.filter((source) => source.reloads);
    if (!reloading.length) return;
    if (interval) this.timer = setInterval(this.onSignal, interval * 1000).unref();
    if (signal) process.on(signal, this.onSignal);
    if (watch) for (const { file } of reloading) if (file) this.watchFile(file);
  }

  /** Reads every source again. Calls that come meanwhile share the one under way. Rejects when a source fails. */
  reload(): Promise<void> {
    return (this.running ??= this.renew().finally(() => (this.running = undefined)));
  }

  stop(): void {
    clearInterval(this.timer);
    clearTimeout(this.settle);
    for (const watcher of this.watchers) watcher.close();
    if (this.options.signal) process.off(this.options.signal, this.onSignal);
  }

  private async renew(): Promise<void> {
    try {
      this.current = await this.read();
      this.listener.reloaded(this.current.keys.length);
    } catch (error) {
      this.listener.failed(error);
      throw error;
    }
  }

  private reloadQuietly(): Promise<void> {
    return this.reload().catch(() => undefined); // the listener has been told
  }

  private async read(): Promise<R> {
    const secrets: Secret[] = [];
    try {
      for (const source of this.sources) secrets.push(...(await source.read()));
      return await this.maker.make(secrets);
    } finally {
      for (const secret of secrets) secret.bytes.fill(0);
    }
  }

  /** Watches the folder, since editors and secret mounts replace the file; waits until the writing has settled. */
  private watchFile(file: string): void {
    try {
      this.watchers.push(this.watcherOf(file));
    } catch (error) {
      this.listener.failed(error); // no watcher to be had: the timer still reads
    }
  }

  private watcherOf(file: string): FSWatcher {
    const name = basename(file);
    const watcher = watchFolder(dirname(file), { persistent: false }, (_event, changed) => {
      if (changed && changed !== name && !changed.startsWith('..')) return;
      clearTimeout(this.settle);
      this.settle = setTimeout(this.onSignal, SETTLE_MS).unref();
    });
    return watcher.on('error', (error) => this.listener.failed(error));
  }
}
