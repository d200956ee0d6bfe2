import { hintsOf } from '../crypto/key-hint.js';
import type { KeyRing } from '../crypto/key-ring.js';
import type { TellOperator } from '../errors/log-lines.js';
import type { KeyRingFactory } from '../crypto/key-ring-factory.js';
import type { KeyRingProvider, SourceState } from '../crypto/key-ring-provider.js';
import { SessionConfigError } from '../errors/session-config.error.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import type { KeyRow, KeyRowStore, LoadedKeys } from '../stores/key-row-store.interface.js';
import type { ResolveToken, StoreLimits } from '../stores/session-store.interface.js';
import { within } from '../stores/time-limit.js';
import { CurrentRing } from './current-ring.js';
import { doStep } from './do-step.js';
import { FleetView } from './fleet-view.js';
import type { ProcessReports } from './process-reports.js';
import type { RingAlarm } from './ring-alarm.js';
import { closed, noKeys, notOpen } from './ring-faults.js';
import { RingRecord, type RingState } from './ring-record.js';
import { RingMemory } from './ring-memory.js';
import { heirOf, KEEP_MARGIN, ringPlan, sealingKey, type RingRules } from './ring-plan.js';
import type { RingRows } from './ring-rows.js';
import { RingWatch } from './ring-watch.js';

/** Steps that are done in one go, at most. Far fewer are ever due. */
const MAX_STEPS = 50;

/** Milliseconds after which a row that another secret has wrapped is wrapped anew, though no secret has changed here. */
const WRAPS_AFTER = 600_000;

/** Milliseconds for which the end of a process waits until its report is removed. It would be removed later by another one. */
const LEAVE_WITHIN = 1000;

export interface ManagedKeysParts {
  readonly store: KeyRowStore;
  readonly rows: RingRows;
  readonly rules: RingRules;
  /** Seconds between two readings of the rows. */
  readonly interval: number;
  /** The rows are followed and never changed ({@link looking}). */
  readonly onlyLooks?: boolean;
  /** The secrets that wrap the keys. */
  readonly secrets: KeyRingProvider;
  /** Makes the ring of the keys. */
  readonly maker: KeyRingFactory;
  readonly alarm: RingAlarm;
  /** The rows in which the processes report; absent if they do not. */
  readonly reports?: ProcessReports | undefined;
  /** Returns milliseconds of a clock that nobody sets. */
  readonly steady: () => number;
  readonly tell: TellOperator;
}

/** The key ring that manages itself. Every process reads the rows of the ring again and again, does what {@link ringPlan} finds
 *  due by the store's clock, and exchanges its ring as a whole when the rows have changed. If the store or a secret fails, the
 *  last good ring stays and the alarm is raised; only a key that was published in it begins to seal in its time. */
export class ManagedKeys {
  private readonly current: CurrentRing;
  private readonly memory = new RingMemory();
  private readonly watch: RingWatch;
  private readonly record: RingRecord;
  /** `undefined` if the processes report nothing. */
  private readonly fleet: FleetView | undefined;
  /** The rows as they were read last. */
  private read: readonly KeyRow[] = [];
  /** The generation of the secrets that these rows were opened with. */
  private secretsSeen = 0;
  /** True until all rows are wrapped by the first secret. It becomes true at the start, with other secrets, when it is asked for, and
   *  after {@link WRAPS_AFTER}: while a fleet changes its list, two processes with different first secrets would otherwise wrap
   *  the rows in turn without rest. */
  private wrapsAnew = false;
  /** The ids of rows that another secret than the first has wrapped. */
  private stale: readonly number[] = [];
  /** When {@link stale} was found. */
  private staleSince = 0;
  /** True if every process had read the rows when this one has read them last. */
  private wasSettled = false;
  /** True while a key seals here whose row says that it is published. */
  private isAhead = false;
  private keep: number;
  /** Nothing is dropped before all modules have said how long they need keys. */
  private mayDrop = false;
  private queue: Promise<unknown> = Promise.resolve();
  private isBusy = false;
  private isStopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: ManagedKeysParts) {
    this.keep = parts.rules.keep;
    this.watch = new RingWatch(parts.steady);
    this.record = new RingRecord(parts.steady);
    const { maker, secrets, rules, reports, onlyLooks = false } = parts;
    this.current = new CurrentRing({ maker, secrets, adopts: rules.adopts === true, onlyLooks });
    const { record } = this;
    const hints = () => this.current.hints;
    this.fleet = reports && new FleetView({ reports, record, hints, onlyLooks });
  }

  /** How the readings of the secrets went. */
  get sourceState(): SourceState {
    return this.parts.secrets.sourceState;
  }

  /** How the readings of the rows went, and what the processes of the ring have reported. */
  get state(): RingState {
    const { interval, rules } = this.parts;
    const { readAgo, storeNow, failed, rows } = this.record;
    const { rotation } = rules;
    return { interval, rotation, readAgo, storeNow, failed, rows, processes: this.fleet?.processes ?? [] };
  }

  /** The current ring. Read it once for each operation, since it may be exchanged at any time. It is empty while all keys are
   *  revoked and no other can be made. Throws a SessionStateError before {@link open}. */
  get ring(): KeyRing {
    const { ring } = this.current;
    if (!ring) throw notOpen();
    return ring;
  }

  get rules(): RingRules {
    return { ...this.parts.rules, keep: this.keep };
  }

  /** A feature on top seals values that live for `seconds`, so keys are kept that long. */
  keepFor(seconds: number): void {
    this.keep = Math.max(this.keep, seconds + KEEP_MARGIN);
  }

  /** Opens the store, reads the rows or makes the first key, and follows them from then on. The timer keeps no process alive. Rejects with a SessionConfigError that names each row that does
   *  not unwrap, and the secret that is missing; also if it {@link ManagedKeysParts.onlyLooks only looks} and there is no key. */
  async open(resolve: ResolveToken, limits?: StoreLimits): Promise<void> {
    const { store, tell } = this.parts;
    await store.open?.(resolve, limits);
    for (const warning of store.warnings?.() ?? []) tell(warning, 'storeFinding', { store: 'keys' });
    try {
      await this.serially(() => this.follow());
    } catch (error) {
      await store.close?.();
      throw error;
    }
    await this.serially(async () => this.fleet?.read()).catch(() => undefined); // only health reports need them
    const early = 0.8 + 0.2 * Math.random(); // so that processes do not read all at once
    this.timer = setInterval(() => void this.followQuietly(), this.parts.interval * 1000 * early).unref();
  }

  listen(): void {
    this.parts.secrets.listen();
  }

  ready(): void {
    this.mayDrop = true;
  }

  /** Reads secrets and rows again. Rejects if one fails; the last good ring stays. */
  async reload(): Promise<void> {
    await this.parts.secrets.reload();
    await this.serially(() => this.follow(true)).catch((error: unknown) => {
      this.parts.alarm.failed(error);
      throw error;
    });
  }

  /** Reads the rows again without a caller that waits. */
  async followQuietly(): Promise<void> {
    if (this.isBusy) return this.promoteAlone();
    if (this.isStopped || !this.current.ring) return;
    this.isBusy = true;
    try {
      await this.serially(() => this.follow());
    } catch (error) {
      if (!this.isStopped) this.parts.alarm.failed(error);
    } finally {
      await this.serially(async () => this.fleet?.report()).catch(() => undefined); // no session needs the reports
      this.isBusy = false;
    }
  }

  /** Stops to follow, and closes the store. When the promise resolves, nothing here uses the driver any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.parts.secrets.stop();
    await this.queue;
    const leaving = this.fleet?.leave() ?? Promise.resolve();
    await within(performance.now() + LEAVE_WITHIN, leaving).catch(() => undefined);
    await this.parts.store.close?.();
  }

  /** Reads the rows as they are now. */
  load(): Promise<LoadedKeys> {
    return this.serially(() => this.parts.rows.load());
  }

  /** Changes the ring for a person, and follows at once. `act` gets the rows as they are now, and resolves to `false` if another
   *  process was first; then it is called again with the rows that it finds. */
  change(act: (rows: RingRows, loaded: LoadedKeys) => Promise<boolean>): Promise<void> {
    return this.serially(async () => {
      const { rows } = this.parts;
      for (let tries = 0; tries < MAX_STEPS; tries++)
        if (await act(rows, await rows.load())) return this.follow();
      throw new SessionStoreError('changeKeys', 'conflict');
    });
  }

  /** Follows the rows. What is revoked in them opens and seals nothing more, also if something else is wrong with the rows. */
  private async follow(isAsked = false): Promise<void> {
    const before = this.current.ring;
    this.wrapsAnew ||= isAsked;
    try {
      await this.doAll();
    } catch (error) {
      this.watch.failed();
      this.record.fail(error);
      this.current.forsake(this.memory.revokedIn(this.read));
      this.promoteAlone();
      throw error;
    }
    const { alarm } = this.parts;
    if (before) alarm.succeeded(hintsOf(this.ring.keys), isAsked || this.current.ring !== before);
  }

  /** Reads the rows and does what is due, until nothing is. Nothing is written before all rows were opened: a process with other
   *  secrets must not change the ring. */
  private async doAll(): Promise<void> {
    const before = this.current.ring;
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const loaded = await this.parts.rows.load();
      this.read = loaded.rows;
      if (this.parts.onlyLooks && !loaded.rows.length && !this.rules.adopts) throw noKeys();
      this.watch.read(loaded.now);
      const living = this.memory.living(loaded.rows, loaded.now);
      await this.take(living);
      if (sealingKey(loaded.rows) ?? this.rules.adopts) this.watch.checkClock();
      if (await this.doNext(loaded)) continue;
      if (this.isAhead) await this.exchange(living);
      this.wasSettled = this.watch.isSettled;
      this.record.succeeded(loaded, before !== undefined && before !== this.current.ring);
      break;
    }
  }

  /** Exchanges the ring if the rows are others than before. */
  private async take(rows: readonly KeyRow[]): Promise<void> {
    const older = this.memory.faultOf(rows);
    if (older) throw new SessionConfigError([{ path: 'crypto.ring', message: older }]);
    const isSame = this.parts.secrets.ring.generation === this.secretsSeen && this.memory.isSame(rows);
    if (!isSame) await this.exchange(rows);
  }

  private async exchange(rows: readonly KeyRow[]): Promise<void> {
    const { secrets, steady } = this.parts;
    const { generation } = secrets.ring;
    const opened = await this.parts.rows.unwrapAll(rows);
    this.wrapsAnew ||= generation !== this.secretsSeen;
    this.stale = opened.flatMap(({ row, key }) => (key.stale ? [row.id] : []));
    this.staleSince = steady();
    await this.current.make(opened);
    this.isAhead = false;
    this.memory.take(rows);
    this.secretsSeen = generation;
  }

  /** Lets a published key seal here when it is {@link heirOf its time}, though the rows cannot be read. Nothing is written, and the
   *  next reading that goes well decides anew. Otherwise this process would seal by a key that the others drop. */
  private promoteAlone(): void {
    const { readAt, storeNow } = this.record;
    if (!readAt || !storeNow) return;
    const heir = heirOf(this.memory.rows, { readAt, wasSettled: this.wasSettled, now: storeNow });
    if (heir && this.mayStillSeal(heir) && this.current.promote(heir.hint)) this.isAhead = true;
  }

  /** False if a person has retired a key in rows that were read and that did not open. */
  private mayStillSeal({ hint }: Pick<KeyRow, 'hint'>): boolean {
    const row = this.read.find((one) => one.hint === hint);
    return row?.state === 'published' || row?.state === 'sealing';
  }

  /** Does the first thing that is due. Resolves to `false` if nothing is. */
  private async doNext(loaded: LoadedKeys): Promise<boolean> {
    const { watch, stale } = this;
    if (this.parts.onlyLooks) return false;
    const plan = ringPlan(loaded.rows, loaded.now, this.rules, watch.isSettled);
    const step = plan.find((one) => this.mayDrop || one.step !== 'drop');
    this.wrapsAnew ||= stale.length > 0 && this.parts.steady() - this.staleSince >= WRAPS_AFTER;
    const wrapped = this.wrapsAnew ? loaded.rows.find(({ id }) => stale.includes(id)) : undefined;
    if (step) await doStep(this.parts.rows, step, loaded);
    else if (wrapped) await this.parts.rows.change(wrapped, {});
    else this.wrapsAnew = false;
    return Boolean(step ?? wrapped);
  }

  /** Runs one work after the other. */
  private serially<R>(work: () => Promise<R>): Promise<R> {
    const result = this.queue.then(() => {
      if (this.isStopped) throw closed();
      return work();
    });
    this.queue = result.catch(() => undefined);
    return result;
  }
}
