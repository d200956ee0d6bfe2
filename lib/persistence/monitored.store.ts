import type {
  ListedRow,
  LoadedRow,
  ReplaceResult,
  ResolveToken,
  SessionRow,
  SessionStore,
  Tombstone,
} from '../stores/session-store.interface.js';
import type { StoreHealth } from './store-health.js';

/** A store that responds in time or fails. Its health reports once that the store is down, and once that it is up
 *  again. */
export class MonitoredStore implements SessionStore {
  readonly kind: string;
  readonly name: string;
  readonly guarded: boolean;
  readonly touch?: NonNullable<SessionStore['touch']>;
  readonly prune?: NonNullable<SessionStore['prune']>;
  readonly list?: NonNullable<SessionStore['list']>;
  readonly destroySubject?: NonNullable<SessionStore['destroySubject']>;
  readonly count?: NonNullable<SessionStore['count']>;
  readonly scan?: NonNullable<SessionStore['scan']>;

  constructor(
    private readonly store: SessionStore,
    private readonly health: StoreHealth,
  ) {
    this.kind = store.kind;
    this.name = store.name;
    this.guarded = store.guarded;
    if (store.touch) this.touch = (row, version) => health.watch('touch', () => store.touch!(row, version));
    if (store.prune) this.prune = () => health.observe('prune', () => store.prune!());
    if (store.list)
      this.list = (...args): Promise<ListedRow[]> => health.watch('list', () => store.list!(...args));
    if (store.destroySubject)
      this.destroySubject = (...args) => health.watch('destroySubject', () => store.destroySubject!(...args));
    if (store.count) this.count = (...args) => health.watch('count', () => store.count!(...args));
    if (store.scan) this.scan = (after, limit) => health.watch('scan', () => store.scan!(after, limit));
  }

  now(): Date {
    return this.store.now?.() ?? new Date();
  }

  async open(resolve: ResolveToken): Promise<void> {
    await this.store.open?.(resolve, { timeout: this.health.timeout });
  }

  /** Waits for the operations under way. */
  drain(): Promise<void> {
    return this.health.drain();
  }

  /** Waits for the operations under way, then closes the store. */
  async close(): Promise<void> {
    await this.drain();
    await this.store.close?.();
  }

  load(key: Buffer): Promise<LoadedRow | undefined> {
    return this.health.watch('load', () => this.store.load(key));
  }

  create(row: SessionRow): Promise<void> {
    return this.health.watch('create', () => this.store.create(row));
  }

  replace(row: SessionRow, version: number): Promise<ReplaceResult> {
    return this.health.watch('replace', () => this.store.replace(row, version));
  }

  move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult> {
    return this.health.watch('move', () => this.store.move(oldKey, version, row, tombstone));
  }

  destroy(key: Buffer, deadline: Date): Promise<boolean> {
    return this.health.watch('destroy', () => this.store.destroy(key, deadline));
  }
}
