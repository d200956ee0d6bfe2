import type {
  ListedRow,
  LoadedRow,
  ReplaceResult,
  ResolveToken,
  SessionRow,
  SessionStore,
  Tombstone,
} from '../stores/session-store.interface.js';
import { OutcomeUnknownError, settleWrite } from './settle-write.js';
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
      this.list = (subject): Promise<ListedRow[]> => health.watch('list', () => store.list!(subject));
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

  async create(row: SessionRow): Promise<void> {
    const write = () => this.store.create(row).then(() => 'created');
    await this.settle('create', write, async () => (await this.store.load(row.key)) && 'created');
  }

  replace(row: SessionRow, version: number): Promise<ReplaceResult> {
    const write = () => this.store.replace(row, version);
    return this.settle('replace', write, async () => {
      const stored = await this.store.load(row.key);
      if (!stored || stored.state === 'ended') return 'gone';
      if (stored.version === version) return undefined;
      if (stored.sealed.equals(row.sealed)) return 'saved';
      throw new OutcomeUnknownError('replace'); // overwritten since: to merge the changes again could count them twice
    });
  }

  move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult> {
    const write = () => this.store.move(oldKey, version, row, tombstone);
    return this.settle('move', write, async () => ((await this.store.load(row.key)) ? 'saved' : undefined));
  }

  destroy(key: Buffer, deadline: Date): Promise<boolean> {
    const write = () => this.store.destroy(key, deadline);
    return this.settle('destroy', write, async () =>
      (await this.store.load(key))?.state === 'live' ? undefined : false,
    );
  }

  /** Runs a write whose outcome is known in the end, unless the store stays away for too long. */
  private settle<R>(
    operation: string,
    write: () => Promise<R>,
    lookUp: () => Promise<R | undefined>,
  ): Promise<R> {
    const { timeout } = this.health;
    return this.health.watch(operation, () => settleWrite(timeout, write, lookUp));
  }
}
