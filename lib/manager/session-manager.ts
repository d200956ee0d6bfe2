import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import { causeOf, codeOf } from '../errors/session-store.error.js';
import type { PlatformRequest } from '../http/connection.js';
import type { DriverContainer, OpenedDriver } from '../options/resolve-driver.js';
import type { ResolvedOptions } from '../options/resolved-options.interface.js';
import { migrationEndOf } from '../persistence/migration-mark.js';
import type { KeysInUse } from '../persistence/session-format.interface.js';
import type { SessionProbe } from '../persistence/session-probe.interface.js';
import { toDate } from '../record/session-lifetime.js';
import type { ResolveToken } from '../stores/session-store.interface.js';
import { BUDGET } from '../stores/time-limit.js';
import { buildProfiles, type BuiltProfiles, type SharedParts } from './build-profiles.js';
import { expireRows } from './expire-rows.js';
import type { ManagerPhase } from './manager-phase.js';
import { isInScope, selectProfile } from './profile-selector.js';
import { pruneEvery } from './prune-timer.js';
import type { RevocableSeries } from './revocable-series.interface.js';
import { safeMessageOf } from './safe-message.js';
import type { SessionProfile } from './session-profile.js';
import { settledSum, throwFirst } from './settled.js';
import { StoreStart } from './store-start.js';
import { isInProcess, watchDriver } from './watch-driver.js';

/** What one `forRoot` needs from the application. */
export interface ManagerParts extends SharedParts {
  /** Finds drivers that the application provides. */
  readonly drivers: DriverContainer;
  /** Reports whether the router tells `/A` from `/a`. It is asked once, with the first request. */
  isCaseSensitive(): boolean;
}

/** Everything that one `forRoot` has built: its profiles, the driver, and what is done for all of them together. */
export class SessionManager {
  readonly base: SessionProfile;
  readonly profiles: readonly SessionProfile[];
  /** Request headers that only this package may set, over all contexts, in lower case. */
  readonly backendHeaders: ReadonlySet<string>;
  private readonly contexts: BuiltProfiles['contexts'];
  private readonly probes: BuiltProfiles['probes'];
  private caseSensitive: boolean | undefined;
  private pruning: NodeJS.Timeout | undefined;
  private readonly startChecks: (() => void)[] = [];
  private readonly remembered: RevocableSeries[] = [];
  private opened = false;
  private meantByDefault = true;
  private current: ManagerPhase = 'starting';
  private readonly keysStart: StoreStart;

  private constructor(
    { base, contexts, probes }: BuiltProfiles,
    private readonly parts: ManagerParts,
    private readonly driver: OpenedDriver,
  ) {
    this.base = base;
    this.contexts = contexts;
    this.probes = probes;
    this.keysStart = new StoreStart(base.options.onStoreDownAtStart);
    this.profiles = [base, ...contexts.map(({ profile }) => profile)];
    this.backendHeaders = new Set(this.profiles.flatMap(({ exchange }) => exchange?.envHeader ?? []));
  }

  /** Opens and tests the driver, reads the keys and builds the profiles. Opens no store. Rejects with a
   *  SessionConfigError. */
  static async create(options: ResolvedOptions, parts: ManagerParts): Promise<SessionManager> {
    const driver = await options.crypto.driver.open(parts.drivers);
    const limit = BUDGET * options.commitTimeout;
    const watched = isInProcess(options.crypto.driver)
      ? driver.driver
      : watchDriver(driver.driver, parts, limit);
    try {
      return new SessionManager(await buildProfiles(options, parts, watched), parts, driver);
    } catch (error) {
      await driver.close().catch(() => undefined); // the error that stopped the start is reported
      throw error;
    }
  }

  /** The name of the session in `forRoot`. */
  get name(): string {
    return this.parts.name;
  }

  /** True if a route that names no session can mean this one. */
  get isMeantByDefault(): boolean {
    return this.meantByDefault;
  }

  /** Another session of the application has no name: routes mean that one where they name none. */
  yieldToDefault(): void {
    this.meantByDefault = false;
  }

  /** The events of all profiles. */
  get events(): SharedParts['events'] {
    return this.parts.events;
  }

  /** Attaches a probe; the answer detaches it. */
  observe(probe: SessionProbe): () => void {
    return this.probes.add(probe);
  }

  /** Chooses the profile of a request by host and path, before any cookie is read. */
  profileFor(request: PlatformRequest): SessionProfile {
    if (!this.contexts.length) return this.base;
    return selectProfile(this.contexts, this.base, request, this.isCaseSensitive);
  }

  /** Reports whether the path of a request has sessions under `profile`. */
  covers(profile: SessionProfile, request: PlatformRequest): boolean {
    return isInScope(profile.options.scope, request, this.isCaseSensitive);
  }

  /** True once the application has started, and all its middleware is mounted. */
  get isOpen(): boolean {
    return this.opened;
  }

  get phase(): ManagerPhase {
    return this.current;
  }

  /** The driver, which stays open until {@link close}. */
  get cryptoDriver(): CryptoDriver {
    return this.driver.driver;
  }

  /** The application shuts down: it still serves, and takes no new visitors. */
  beginClosing(): void {
    this.current = 'closing';
  }

  /** Adds a check of a feature on top, which runs when all middleware is mounted and stops the start by what it throws. */
  checkAtStart(check: () => void): void {
    this.startChecks.push(check);
  }

  /** Opens the stores of keys, follows their keys, opens the stores of sessions, which may take hours, and starts to prune. */
  async open(resolve: ResolveToken): Promise<void> {
    for (const check of this.startChecks) check();
    this.opened = true;
    const limits = { timeout: this.base.options.commitTimeout };
    for (const keys of this.keys) {
      await this.openKeys(keys, () => keys.open?.(resolve, limits));
      keys.listen();
    }
    for (const store of this.stores) await store.open(resolve, this.parts.tell);
    for (const keys of this.keys) keys.ready?.();
    const { interval } = this.base.options.prune;
    if (interval && this.stores.some(({ canPrune }) => canPrune))
      this.pruning = pruneEvery(interval, () => this.pruneQuietly());
    if (this.current === 'starting') this.current = 'running';
  }

  /** Opens the store of keys, or waits for it if the options say so. */
  private openKeys(keys: KeysInUse, open: () => Promise<void> | undefined): Promise<void> {
    const opening = { what: 'store of keys', open: async () => open(), close: () => keys.stop() };
    return this.keysStart.open(opening, this.parts.tell);
  }

  /** Ends a start that still waits for its store, and waits for the saves that are under way. */
  async drain(): Promise<void> {
    this.beginClosing();
    this.keysStart.stop();
    for (const store of this.stores) store.stopWaiting();
    for (const { health } of this.stores) await health.drain();
  }

  /** Stops the timers, waits for saves, and closes the stores and then the driver. */
  async close(): Promise<void> {
    clearInterval(this.pruning);
    const stopped = Promise.all(this.keys.map((keys) => keys.stop()));
    try {
      await this.drain();
      for (const store of this.stores) await store.close();
    } finally {
      await stopped;
      await this.driver.close();
    }
  }

  /** Reads all sources of keys again. Rejects when one fails; its last good ring stays. */
  async reloadKeys(): Promise<void> {
    await Promise.all(this.keys.map((keys) => keys.reload()));
  }

  /** A feature on top seals values that live for `seconds`: managed rings keep their keys that long. */
  keepKeysFor(seconds: number): void {
    for (const { crypto } of this.profiles) crypto.native?.managed?.keepFor(seconds);
  }

  /** A feature on top logs visitors in by these series: a revocation ends them too. */
  endWithSessions(series: RevocableSeries): void {
    this.remembered.push(series);
  }

  /** The series of all features on top. */
  get series(): readonly RevocableSeries[] {
    return this.remembered;
  }

  /** Removes what has expired from every store that can prune, and resolves to the number of rows; `undefined` if none
   *  can. */
  prune(): Promise<number> | undefined {
    const pruning = this.stores.flatMap((store) => store.prune() ?? []);
    if (!pruning.length) return undefined;
    return Promise.all(pruning).then(
      (removed) => this.pruned(removed.reduce((sum, one) => sum + one, 0)),
      (error: unknown) => {
        this.events.emit('pruneFailed', { session: this.name, code: causeOf(error) });
        throw error;
      },
    );
  }

  private pruned(rows: number): number {
    this.events.emit('pruned', { session: this.name, rows });
    return rows;
  }

  /** Makes the rows of all sessions that have ended ready for {@link prune}, and resolves to the number of those that it does not
   *  count, since their server removes them by itself. While sessions of a foreign format are migrated it does nothing: the rows of
   *  migrated sessions must stay until a copy of the old cookie is worth nothing. The error of a store is thrown when all are done. */
  async expireRows(): Promise<number> {
    if (this.migrationEnd > this.base.now()) return 0;
    const expired = await Promise.allSettled(
      this.stores.map(async (store) => {
        const rows = await expireRows(this.profiles.filter((profile) => profile.store === store));
        return store.canPrune ? 0 : rows;
      }),
    );
    throwFirst(expired);
    return settledSum(expired);
  }

  /** Prunes without a caller that waits. */
  pruneQuietly(): void {
    void this.prune()?.catch(() => undefined); // the event pruneFailed has reported it
  }

  /** Draws by `prune.probability` whether this request prunes. @see PHP `session.gc_probability` */
  shouldPruneNow(): boolean {
    const { probability, divisor } = this.base.options.prune;
    return probability > 0 && Math.random() * divisor < probability;
  }

  /** Reports that an error was sent in place of a response, since a session could not be stored. */
  reportFailedCommit(error: unknown): void {
    const detail = { session: this.name, code: codeOf(error), message: safeMessageOf(error) };
    this.events.emit('commitFailed', detail);
  }

  /** The moment until which the tombstone of a session that ends now is kept. */
  tombstoneDeadline(): Date {
    const { timeouts } = this.base.options;
    return toDate(Math.max(this.base.now() + Math.max(1, timeouts.graceTime), this.migrationEnd));
  }

  /** Returns the moment at which every session of a store that was not used since then has idled out. */
  idleSince(store: SessionProfile['store']): Date {
    const profiles = this.profiles.filter((profile) => profile.store === store);
    const begins = profiles.map((profile) => {
      const { idleTimeout } = profile.options.timeouts;
      return idleTimeout ? profile.now() - idleTimeout : 0;
    });
    return toDate(Math.min(...begins));
  }

  /** Seconds since 1970 until which a session of a foreign format may still come in; 0 for none. */
  get migrationEnd(): number {
    const accepted = this.profiles.flatMap(({ crypto }) => crypto.accepted);
    return migrationEndOf(accepted.map(({ source }) => source));
  }

  /** Reports whether a profile of both reads the same cookie. */
  sharesCookie(other: SessionManager): boolean {
    const names = ({ profiles }: SessionManager) => profiles.flatMap(({ cookieNames }) => cookieNames);
    return names(this).some((name) => names(other).includes(name));
  }

  /** The stores of all profiles, each once. */
  get stores(): SessionProfile['store'][] {
    return [...new Set(this.profiles.map(({ store }) => store))];
  }

  /** The keys of all profiles, those of accepted formats too, each once. */
  private get keys(): KeysInUse[] {
    const parts = [...new Set(this.profiles.map(({ crypto }) => crypto))];
    return parts.flatMap(({ keys, accepted }) => [keys, ...accepted.flatMap((one) => one.keys ?? [])]);
  }

  private get isCaseSensitive(): boolean {
    return (this.caseSensitive ??= this.parts.isCaseSensitive());
  }
}
