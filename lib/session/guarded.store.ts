import { SessionCryptoError, SessionStoreError } from '../errors/index.js';
import type {
  ListedRow,
  LoadedRow,
  ReplaceResult,
  ResolveToken,
  SessionRow,
  SessionStore,
  Tombstone,
} from '../stores/index.js';
import type { SessionEvents } from './session-events.js';

/** A store that answers in time or fails, and says once when it goes down and once when it is back. */
export class GuardedStore implements SessionStore {
  readonly kind: string;
  readonly name: string;
  readonly guarded: boolean;
  readonly touch?: SessionStore['touch'];
  readonly prune?: SessionStore['prune'];
  readonly list?: SessionStore['list'];
  readonly destroySubject?: SessionStore['destroySubject'];
  readonly count?: SessionStore['count'];
  readonly scan?: SessionStore['scan'];
  private down = false;
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(
    private readonly store: SessionStore,
    private readonly session: string,
    private readonly events: SessionEvents,
    /** Milliseconds that one operation may take. */
    private readonly timeout: number,
  ) {
    this.kind = store.kind;
    this.name = store.name;
    this.guarded = store.guarded;
    if (store.touch) this.touch = (row, version) => this.watch('touch', () => store.touch!(row, version));
    if (store.prune) this.prune = () => this.observe('prune', () => store.prune!());
    if (store.list)
      this.list = (subject): Promise<ListedRow[]> => this.watch('list', () => store.list!(subject));
    if (store.destroySubject)
      this.destroySubject = (...args) => this.watch('destroySubject', () => store.destroySubject!(...args));
    if (store.count) this.count = () => this.watch('count', () => store.count!());
    if (store.scan) this.scan = (after, limit) => this.watch('scan', () => store.scan!(after, limit));
  }

  now(): Date {
    return this.store.now?.() ?? new Date();
  }

  async open(resolve: ResolveToken): Promise<void> {
    await this.store.open?.(resolve);
  }

  /** Waits for what is under way and for what follows from it, but not for ever: requests may still be coming in. */
  async drain(): Promise<void> {
    const until = performance.now() + this.timeout;
    while (this.underWay.size && performance.now() < until) {
      await Promise.allSettled(this.underWay);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async close(): Promise<void> {
    await this.drain();
    await this.store.close?.();
  }

  load(key: Buffer): Promise<LoadedRow | undefined> {
    return this.watch('load', () => this.store.load(key));
  }

  create(row: SessionRow): Promise<void> {
    return this.watch('create', () => this.store.create(row));
  }

  replace(row: SessionRow, version: number): Promise<ReplaceResult> {
    return this.watch('replace', () => this.store.replace(row, version));
  }

  move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult> {
    return this.watch('move', () => this.store.move(oldKey, version, row, tombstone));
  }

  destroy(key: Buffer, deadline: Date): Promise<boolean> {
    return this.watch('destroy', () => this.store.destroy(key, deadline));
  }

  private watch<R>(operation: string, ask: () => Promise<R>): Promise<R> {
    return this.observe(operation, ask, this.timeout);
  }

  /** The store's answer, or an error in its place when it fails or takes too long. */
  private observe<R>(operation: string, ask: () => Promise<R>, timeout?: number): Promise<R> {
    const seen = new Promise<R>((resolve, reject) => {
      const late = () => {
        settle();
        reject(this.failed(operation, new SessionStoreError(operation, 'timeout')));
      };
      const timer = timeout ? setTimeout(late, timeout) : undefined;
      const settle = () => {
        this.underWay.delete(seen);
        clearTimeout(timer);
      };
      asked(ask).then(
        (result) => {
          settle();
          this.succeeded();
          resolve(result);
        },
        (error: unknown) => {
          settle();
          reject(this.failed(operation, error));
        },
      );
    });
    if (timeout) this.underWay.add(seen); // what may take for ever is not waited for
    return seen;
  }

  private succeeded(): void {
    if (this.down) this.events.emit('storeUp', { session: this.session });
    this.down = false;
  }

  private failed(operation: string, error: unknown): SessionCryptoError {
    const known = SessionStoreError.from(operation, error);
    if (known instanceof SessionStoreError && !this.down) {
      this.down = true;
      this.events.emit('storeDown', { session: this.session, code: known.reason });
    }
    return known;
  }
}

/** The answer by promise, also where asking throws. */
function asked<R>(ask: () => Promise<R>): Promise<R> {
  try {
    return ask();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}
