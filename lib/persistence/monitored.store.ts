import { randomBytes } from 'node:crypto';
import type { SessionLocks } from '../stores/session-locks.interface.js';
import type {
  ListedRow,
  LoadedRow,
  ReplaceResult,
  ResolveToken,
  SessionRow,
  SessionStore,
  Tombstone,
} from '../stores/session-store.interface.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import { OutcomeUnknownError, settleWrite } from './settle-write.js';
import type { StoreHealth } from './store-health.js';

type LockedChange = Parameters<NonNullable<SessionStore['updateLocked']>>[1];

/** A store that responds in time or fails. Its health reports once that the store is down, and once that it is up
 *  again. */
export class MonitoredStore implements SessionStore {
  readonly kind: string;
  readonly name: string;
  readonly guarded: boolean;
  readonly updateLocked?: NonNullable<SessionStore['updateLocked']>;
  readonly locks?: SessionLocks;
  readonly touch?: NonNullable<SessionStore['touch']>;
  readonly prune?: NonNullable<SessionStore['prune']>;
  readonly list?: NonNullable<SessionStore['list']>;
  readonly destroySubject?: NonNullable<SessionStore['destroySubject']>;
  readonly count?: NonNullable<SessionStore['count']>;
  readonly estimate?: NonNullable<SessionStore['estimate']>;
  readonly scan?: NonNullable<SessionStore['scan']>;
  readonly scanAll?: NonNullable<SessionStore['scanAll']>;

  constructor(
    private readonly store: SessionStore,
    private readonly health: StoreHealth,
  ) {
    this.kind = store.kind;
    this.name = store.name;
    this.guarded = store.guarded;
    if (store.updateLocked) this.updateLocked = (...args) => this.settleLocked(...args);
    if (store.locks) this.locks = watchedLocks(store.locks, health);
    if (store.touch) this.touch = (row, version) => health.watch('touch', () => store.touch!(row, version));
    if (store.prune) this.prune = () => health.observe('prune', () => store.prune!());
    if (store.list)
      this.list = (subject): Promise<ListedRow[]> => health.watch('list', () => store.list!(subject));
    if (store.destroySubject)
      this.destroySubject = (...args) => health.watch('destroySubject', () => store.destroySubject!(...args));
    // A count of a large table may take longer than a request waits, and the store is not down then.
    if (store.count) this.count = (...args) => health.observe('count', () => store.count!(...args));
    if (store.estimate)
      this.estimate = (...args) => health.observe('estimate', () => store.estimate!(...args));
    if (store.scan) this.scan = (after, limit) => health.watch('scan', () => store.scan!(after, limit));
    if (store.scanAll) this.scanAll = () => store.scanAll!();
  }

  /** Returns the same store for work that no request asks for: no probe sees its operations. */
  unprobed(): MonitoredStore {
    return new MonitoredStore(this.store, this.health.unprobed());
  }

  now(): Date {
    return this.store.now?.() ?? new Date();
  }

  warnings(): readonly string[] {
    return this.store.warnings?.() ?? [];
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

  /** Asks whether the store can be read and written. A store without `ping` loads a key that does not exist. */
  ping(): Promise<'read-only' | void> {
    const { store } = this;
    const ask = () => (store.ping ? store.ping() : store.load(randomBytes(32)).then(() => undefined));
    return this.health.watch('ping', ask);
  }

  load(key: Buffer): Promise<LoadedRow | undefined> {
    return this.health.watch('load', () => this.store.load(key));
  }

  create(row: SessionRow, until?: number): Promise<void> {
    const write = () => this.store.create(row, until).then(() => true);
    const lookUp = async () => {
      const found = await this.store.load(row.key);
      if (found?.state === 'live' && !found.sealed.equals(row.sealed)) throw isThere();
      return found ? true : undefined;
    };
    return this.settle('create', write, lookUp, until).then(() => undefined);
  }

  replace(row: SessionRow, version: number, until?: number): Promise<ReplaceResult> {
    const write = () => this.store.replace(row, version, until);
    const lookUp = async () => {
      const stored = await this.store.load(row.key);
      if (!stored || stored.state === 'ended') return 'gone';
      if (stored.version === version) return undefined;
      if (stored.sealed.equals(row.sealed)) return 'saved';
      throw new OutcomeUnknownError('replace'); // overwritten since: to merge the changes again could count them twice
    };
    return this.settle('replace', write, lookUp, until);
  }

  move(
    oldKey: Buffer,
    version: number,
    row: SessionRow,
    tombstone: Tombstone,
    until?: number,
  ): Promise<ReplaceResult> {
    const write = () => this.store.move(oldKey, version, row, tombstone, until);
    const lookUp = async () => ((await this.store.load(row.key)) ? 'saved' : undefined);
    return this.settle('move', write, lookUp, until);
  }

  destroy(key: Buffer, deadline: Date, until?: number): Promise<boolean> {
    const write = () => this.store.destroy(key, deadline, until);
    const lookUp = async () => {
      const stored = await this.store.load(key);
      // Who has ended it is not known. An end that is reported twice does less harm than one that is not reported.
      return stored?.state === 'live' ? undefined : stored?.state === 'ended';
    };
    return this.settle('destroy', write, lookUp, until);
  }

  /** A locked update that may have written is not repeated when its answer is lost: it could be done a second time on what the
   *  first has left. What `change` throws is no fault of the store. */
  private async settleLocked(key: Buffer, change: LockedChange, until?: number): Promise<ReplaceResult> {
    let written: SessionRow | undefined;
    let fault: { readonly thrown: unknown } | undefined;
    const watched: LockedChange = async (current) => {
      try {
        const changed = await change(current);
        written = changed?.row;
        return changed;
      } catch (error) {
        fault = { thrown: error };
        throw error;
      }
    };
    const update = async (): Promise<ReplaceResult> => {
      if (written) throw new OutcomeUnknownError('updateLocked');
      return this.store.updateLocked!(key, watched, until).catch((error: unknown) => {
        if (fault) return 'conflict';
        throw error;
      });
    };
    const lookUp = async () => {
      const stored = written && (await this.store.load(written.key));
      return written && stored?.sealed.equals(written.sealed) ? 'saved' : undefined;
    };
    const result = await this.settle('updateLocked', update, lookUp, until);
    if (fault) throw fault.thrown;
    return result;
  }

  /** Runs a write whose outcome is known in the end, unless the store stays away for too long. */
  private settle<R>(
    operation: string,
    write: () => Promise<R>,
    lookUp: () => Promise<R | undefined>,
    until: number | undefined,
  ): Promise<R> {
    return this.health.watch(operation, (timeout) => settleWrite(timeout, write, lookUp), until);
  }
}

/** Somebody else's row, such as a mark, whose key follows from what it is about. */
const isThere = () => new SessionStoreError('create', 'duplicate');

const watchedLocks = (locks: SessionLocks, health: StoreHealth): SessionLocks => ({
  acquire: (...args) => health.watch('acquireLock', () => locks.acquire(...args)),
  renew: (...args) => health.watch('renewLock', () => locks.renew(...args)),
  release: (...args) => health.watch('releaseLock', () => locks.release(...args)),
});
