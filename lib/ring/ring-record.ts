import type { KeyFacts, LoadedKeys } from '../stores/key-row-store.interface.js';
import { lastChangeOf } from './judge-processes.js';
import { later } from './ring-plan.js';
import type { RingProcess } from './ring-process.interface.js';

/** What a process knows of the managed ring that it follows. */
export interface RingState {
  /** Seconds between two readings. */
  readonly interval: number;
  /** Seconds for which a key seals. */
  readonly rotation: number;
  /** Seconds since the last reading that went well; `undefined` before the first. */
  readonly readAgo: number | undefined;
  /** The store's clock now, as far as that reading tells. */
  readonly storeNow: Date | undefined;
  /** What has failed since then. */
  readonly failed: { readonly error: unknown } | undefined;
  /** The rows, as they were read last. */
  readonly rows: readonly KeyFacts[];
  /** The processes that report, this one too. Empty where none does. */
  readonly processes: readonly RingProcess[];
}

/** Remembers how the readings of the rows went. */
export class RingRecord {
  private last: { readonly loaded: LoadedKeys; readonly at: number } | undefined;
  private failure: RingState['failed'];
  /** When this process has met a change of its ring, by the store's clock. */
  private metAt = 0;

  /** `steady` returns milliseconds of a clock that nobody sets. */
  constructor(private readonly steady: () => number) {}

  /** A reading went well. `isNew` says that it has changed the ring of this process, which had one before. */
  succeeded(loaded: LoadedKeys, isNew: boolean): void {
    this.last = { loaded, at: this.steady() };
    this.failure = undefined;
    if (isNew) this.metAt = loaded.now.getTime();
  }

  fail(error: unknown): void {
    this.failure = { error };
  }

  get failed(): RingState['failed'] {
    return this.failure;
  }

  get rows(): readonly KeyFacts[] {
    return this.last?.loaded.rows ?? [];
  }

  get readAgo(): number | undefined {
    return this.last && Math.max(0, (this.steady() - this.last.at) / 1000);
  }

  /** The store's clock at the last reading. */
  get readAt(): Date | undefined {
    return this.last?.loaded.now;
  }

  get storeNow(): Date | undefined {
    return this.last && later(this.last.loaded.now, this.readAgo!);
  }

  /** When the ring has changed last, by the store's clock. */
  get changedAt(): Date {
    const told = this.last ? lastChangeOf(this.last.loaded).getTime() : 0;
    return new Date(Math.max(told, this.metAt));
  }
}
