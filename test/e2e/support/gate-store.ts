import { setImmediate } from 'node:timers/promises';
import {
  memoryStore,
  type LoadedRow,
  type ReplaceResult,
  type SessionRow,
  type SessionStore,
  type Tombstone,
} from 'nestjs-session-crypto';

/** A memory store that writes down what is asked of it, takes its time, and fails or waits on demand. */
export class RecordingStore implements SessionStore {
  readonly kind = 'memory';
  readonly name = 'memory';
  readonly guarded = true;
  /** What happened, in order: `load`, `save`, `saved`, and what others add. */
  readonly log: string[] = [];
  /** Saves end with an error. */
  failing = false;
  /** Nothing is answered but errors. */
  down = false;
  readonly now: () => Date;
  private readonly rows: SessionStore;
  private held: Promise<void> | undefined;
  private readonly watchers: (() => void)[] = [];

  constructor(now: () => Date = () => new Date()) {
    this.now = now;
    this.rows = memoryStore({ now });
  }

  note(entry: string): void {
    this.log.push(entry);
    for (const watcher of this.watchers.splice(0)) watcher();
  }

  /** Resolves when `entry` stands in the log. */
  async seen(entry: string): Promise<void> {
    while (!this.log.includes(entry)) await new Promise<void>((resolve) => this.watchers.push(resolve));
  }

  /** Keeps all saves waiting until the function that it gives is called. */
  hold(): () => void {
    let resolve = () => {};
    const promise = new Promise<void>((done) => (resolve = done));
    this.held = promise;
    return () => {
      this.held = undefined;
      resolve();
    };
  }

  async load(key: Buffer): Promise<LoadedRow | undefined> {
    this.note('load');
    await latency();
    if (this.down) throw dead();
    return this.rows.load(key);
  }

  create(row: SessionRow): Promise<void> {
    return this.save(() => this.rows.create(row));
  }

  replace(row: SessionRow, version: number): Promise<ReplaceResult> {
    return this.save(() => this.rows.replace(row, version));
  }

  move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult> {
    return this.save(() => this.rows.move(oldKey, version, row, tombstone));
  }

  touch(row: SessionRow, version: number): Promise<boolean | void> {
    return this.save(() => this.rows.touch!(row, version));
  }

  destroy(key: Buffer, deadline: Date): Promise<boolean> {
    return this.save(() => this.rows.destroy(key, deadline));
  }

  private async save<T>(act: () => Promise<T>): Promise<T> {
    this.note('save');
    await latency();
    await this.held;
    if (this.failing || this.down) throw dead();
    const result = await act();
    this.note('saved');
    return result;
  }
}

const dead = () => Object.assign(new Error('db down'), { code: 'DOWN' });

/** Some turns of the event loop, as any real store takes. */
async function latency(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await setImmediate();
}
