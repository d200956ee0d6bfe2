import { SessionStoreError } from '../errors/session-store.error.js';
import { isCookieStore, isForeignStore } from '../options/store-kind.js';
import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import type { ForeignStore } from '../persistence/foreign-store.interface.js';
import { MarkCache } from '../persistence/marks/mark-cache.js';
import { MarkRows } from '../persistence/marks/mark-rows.js';
import { longestLife } from '../persistence/marks/revocations.js';
import { MonitoredStore } from '../persistence/monitored.store.js';
import type { SessionEvents } from '../persistence/session-events.js';
import type { SessionProbes } from '../persistence/session-probes.js';
import { StoreHealth } from '../persistence/store-health.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import { revocationFault, type RevocationSource } from '../stores/revocation.js';
import { StoreLocks } from '../persistence/store-locks.js';
import type { ResolveToken } from '../stores/session-store.interface.js';
import type { TellOperator } from '../errors/log-lines.js';
import { StoreStart } from './store-start.js';

/** What the server knows of sessions in cookies. */
export interface CookieRevocation {
  readonly rows: MonitoredStore;
  readonly cache: MarkCache;
  /** Seconds for which a session of any profile can live. */
  readonly longestLife: number;
  readonly generations: boolean;
}

/** The store of one or more profiles under one health: a store of ours, a foreign store, or none where the cookie holds
 *  the session. */
export class ProfileStore {
  readonly kind: string;
  readonly health: StoreHealth;
  /** A store of ours; absent with a foreign store, and where the cookie holds the session. */
  readonly rows: MonitoredStore | undefined;
  readonly foreign: ForeignStore | undefined;
  /** Absent unless the cookie holds the session and has a source of revocations. */
  readonly revocation: CookieRevocation | undefined;
  /** The locks of `@SessionLock()`; absent if the store has none. */
  readonly locks: StoreLocks | undefined;
  private readonly start: StoreStart;

  constructor(
    session: string,
    { store, commitTimeout, onStoreDownAtStart }: ResolvedOptions,
    events: SessionEvents,
    /** The timeouts of all profiles that may share the store. */
    readonly timeouts: readonly SessionTimeouts[],
    probes?: SessionProbes,
  ) {
    this.kind = store.kind;
    this.start = new StoreStart(onStoreDownAtStart);
    const source = isCookieStore(store) ? store.options.revocation : undefined;
    this.health = new StoreHealth(
      session,
      events,
      commitTimeout,
      probes,
      source ? 'revocations' : 'sessions',
    );
    this.foreign = isForeignStore(store) ? store : undefined;
    this.rows =
      isCookieStore(store) || isForeignStore(store) ? undefined : new MonitoredStore(store, this.health);
    this.revocation = source && revocationOf(new MonitoredStore(source.store, this.health), source, timeouts);
    const locks = this.rows?.locks;
    this.locks = locks && new StoreLocks(locks, commitTimeout, undefined, probes);
  }

  /** The store's clock, or the process's where the cookie holds the session. */
  now(): Date {
    return (this.rows ?? this.foreign)?.now() ?? new Date();
  }

  /** Opens the store, or waits for it if the options say so. `resolve` finds providers of the application, such as a
   *  DataSource. */
  async open(resolve: ResolveToken, tell: TellOperator): Promise<void> {
    const opening = { open: () => this.connect(resolve), close: () => this.close() };
    await this.start.open(opening, tell);
    const kept = this.rows ?? this.revocation?.rows;
    for (const warning of kept?.warnings() ?? []) tell(warning, 'storeFinding', { store: this.kind });
  }

  /** Asks the store of sessions or revocations whether it can be read and written. Resolves to `unasked` where the cookie holds the
   *  session, and for a foreign store that has no way to say it and has answered last. Rejects with a SessionStoreError. */
  async ping(): Promise<'writes' | 'read-only' | 'unasked'> {
    const rows = this.rows ?? this.revocation?.rows;
    if (rows) return (await rows.ping()) ?? 'writes';
    const { foreign, health } = this;
    if (!foreign?.ping) {
      if (health.isDown) throw new SessionStoreError('ping', 'down');
      return 'unasked';
    }
    await health.watch('ping', () => foreign.ping!());
    return 'writes';
  }

  /** Ends an {@link open} that waits. */
  stopWaiting(): void {
    this.start.stop();
  }

  private async connect(resolve: ResolveToken): Promise<void> {
    await this.rows?.open(resolve);
    await this.revocation?.rows.open(resolve).catch((error: unknown) => {
      throw revocationFault(error);
    });
    await this.foreign?.open(resolve, { timeout: this.health.timeout });
  }

  async close(): Promise<void> {
    await (this.rows ?? this.foreign ?? this.revocation?.rows)?.close();
  }

  /** True if something of sessions is kept on the server: rows, or marks of what has ended. */
  get keepsRows(): boolean {
    return (this.rows ?? this.foreign ?? this.revocation) !== undefined;
  }

  /** True if {@link prune} removes expired sessions. A store that cannot leaves them to its server. */
  get canPrune(): boolean {
    return Boolean((this.rows ?? this.revocation?.rows)?.prune ?? this.foreign);
  }

  /** Removes what has expired, and resolves to the number of rows; `undefined` if the store cannot prune. */
  prune(): Promise<number> | undefined {
    const { foreign, health } = this;
    const rows = this.rows ?? this.revocation?.rows;
    return foreign ? health.observe('prune', () => foreign.prune()) : rows?.prune?.();
  }
}

const revocationOf = (
  rows: MonitoredStore,
  { generations }: RevocationSource,
  timeouts: readonly SessionTimeouts[],
): CookieRevocation => ({
  rows,
  cache: new MarkCache(new MarkRows(rows)),
  longestLife: longestLife(timeouts),
  generations,
});
