import { isCookieStore, isForeignStore } from '../options/store-kind.js';
import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import type { ForeignStore } from '../persistence/foreign-store.interface.js';
import { MonitoredStore } from '../persistence/monitored.store.js';
import type { SessionEvents } from '../persistence/session-events.js';
import { StoreHealth } from '../persistence/store-health.js';
import type { ResolveToken } from '../stores/session-store.interface.js';
import { StoreStart } from './store-start.js';

/** The store of one or more profiles under one health: a store of ours, a foreign store, or none where the cookie holds
 *  the session. */
export class ProfileStore {
  readonly kind: string;
  readonly health: StoreHealth;
  /** A store of ours; absent with a foreign store, and where the cookie holds the session. */
  readonly rows: MonitoredStore | undefined;
  readonly foreign: ForeignStore | undefined;
  private readonly start: StoreStart;

  constructor(
    session: string,
    { store, commitTimeout, onStoreDownAtStart }: ResolvedOptions,
    events: SessionEvents,
  ) {
    this.kind = store.kind;
    this.start = new StoreStart(onStoreDownAtStart);
    this.health = new StoreHealth(session, events, commitTimeout);
    this.foreign = isForeignStore(store) ? store : undefined;
    this.rows =
      isCookieStore(store) || isForeignStore(store) ? undefined : new MonitoredStore(store, this.health);
  }

  /** The store's clock, or the process's where the cookie holds the session. */
  now(): Date {
    return (this.rows ?? this.foreign)?.now() ?? new Date();
  }

  /** Opens the store, or waits for it if the options say so. `resolve` finds providers of the application, such as a
   *  DataSource; `warn` tells the operator. */
  async open(resolve: ResolveToken, warn: (message: string) => void): Promise<void> {
    const opening = { open: () => this.connect(resolve), close: () => this.close() };
    await this.start.open(opening, warn);
    for (const warning of this.rows?.warnings() ?? []) warn(warning);
  }

  /** Ends an {@link open} that waits. */
  stopWaiting(): void {
    this.start.stop();
  }

  private async connect(resolve: ResolveToken): Promise<void> {
    await this.rows?.open(resolve);
    await this.foreign?.open(resolve, { timeout: this.health.timeout });
  }

  async close(): Promise<void> {
    await (this.rows ?? this.foreign)?.close();
  }

  /** True if the store can remove expired sessions by itself. */
  get canPrune(): boolean {
    return Boolean(this.rows?.prune ?? this.foreign);
  }

  /** Removes what has expired, and resolves to the number of rows; `undefined` if the store cannot prune. */
  prune(): Promise<number> | undefined {
    const { rows, foreign, health } = this;
    return foreign ? health.observe('prune', () => foreign.prune()) : rows?.prune?.();
  }
}
