import { checkNames, type OptionNames } from '../errors/check-names.js';
import type { KeyRow, KeyRowStore, LoadedKeys } from './key-row-store.interface.js';

export interface MemoryKeyStoreOptions {
  /** The clock. @default () => new Date() */
  readonly now?: () => Date;
}

const NAMES: OptionNames<MemoryKeyStoreOptions> = { now: true };

/** Keeps the keys of managed rings in the memory of this process, for development and tests. A restart ends all sessions. */
export class MemoryKeyStore implements KeyRowStore {
  readonly kind = 'memory';
  readonly name = 'memory';
  private readonly now: () => Date;
  private readonly rings = new Map<string, Map<number, KeyRow>>();

  constructor(options: MemoryKeyStoreOptions = {}) {
    checkNames('memoryKeyStore()', options, NAMES);
    this.now = options.now ?? (() => new Date());
  }

  async load(ring: string): Promise<LoadedKeys> {
    const rows = [...this.rowsOf(ring).values()];
    return { rows: rows.toSorted((a, b) => a.id - b.id), now: this.now() };
  }

  async insert(ring: string, row: KeyRow): Promise<boolean> {
    const rows = this.rowsOf(ring);
    if (rows.has(row.id)) return false;
    rows.set(row.id, row);
    return true;
  }

  async update(ring: string, row: KeyRow): Promise<boolean> {
    const rows = this.rowsOf(ring);
    if (rows.get(row.id)?.version !== row.version - 1) return false;
    rows.set(row.id, row);
    return true;
  }

  async remove(ring: string, id: number, version: number): Promise<boolean> {
    const rows = this.rowsOf(ring);
    return rows.get(id)?.version === version && rows.delete(id);
  }

  private rowsOf(ring: string): Map<number, KeyRow> {
    const rows = this.rings.get(ring) ?? new Map<number, KeyRow>();
    this.rings.set(ring, rows);
    return rows;
  }
}

/** Returns a store for the keys of managed rings in the memory of this process, for development and tests. */
export const memoryKeyStore = (options?: MemoryKeyStoreOptions): MemoryKeyStore =>
  new MemoryKeyStore(options);
