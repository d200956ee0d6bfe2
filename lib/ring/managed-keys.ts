import { hintsOf } from '../crypto/key-hint.js';
import { KeyRing, type RingKey } from '../crypto/key-ring.js';
import type { TellOperator } from '../errors/log-lines.js';
import type { KeyRingFactory } from '../crypto/key-ring-factory.js';
import type { KeyRingProvider, SourceState } from '../crypto/key-ring-provider.js';
import { SessionConfigError } from '../errors/session-config.error.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { codeOf, SessionStoreError } from '../errors/session-store.error.js';
import type { KeyRow, KeyRowStore, LoadedKeys } from '../stores/key-row-store.interface.js';
import type { ResolveToken, StoreLimits } from '../stores/session-store.interface.js';
import { within } from '../stores/time-limit.js';
import { judgeProcesses } from './judge-processes.js';
import type { ProcessReports } from './process-reports.js';
import type { ReportedProcess } from './ring-process.interface.js';
import type { RingAlarm } from './ring-alarm.js';
import { RingRecord, type RingState } from './ring-record.js';
import { RingMemory } from './ring-memory.js';
import { heirOf, KEEP_MARGIN, ringPlan, sealingKey, type RingRules, type RingStep } from './ring-plan.js';
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
  private current: KeyRing | undefined;
  private readonly memory = new RingMemory();
  private readonly watch: RingWatch;
  private readonly record: RingRecord;
  /** What the processes have reported, as it was read last. */
  private reported: readonly ReportedProcess[] = [];
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
  /** Rises with each ring. */
  private generation = 0;
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
    return { interval, rotation, readAgo, storeNow, failed, rows, processes: this.processes };
  }

  /** The current ring. Read it once for each operation, since it may be exchanged at any time. Throws a SessionStateError before
   *  {@link open}, and while all keys are revoked and no other can be made. */
  get ring(): KeyRing {
    if (!this.current) throw notOpen();
    if (!this.current.keys.length && !this.parts.onlyLooks) throw noneLeft();
    return this.current;
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
    await this.serially(() => this.readReports()).catch(() => undefined); // only health reports need them
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
    if (this.isStopped || !this.current) return;
    this.isBusy = true;
    try {
      await this.serially(() => this.follow());
    } catch (error) {
      if (!this.isStopped) this.parts.alarm.failed(error);
    } finally {
      await this.serially(() => this.report()).catch(() => undefined); // no session needs the reports
      this.isBusy = false;
    }
  }

  /** Stops to follow, and closes the store. When the promise resolves, nothing here uses the driver any more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.parts.secrets.stop();
    await this.queue;
    const { reports, store } = this.parts;
    await within(performance.now() + LEAVE_WITHIN, reports?.leave() ?? Promise.resolve()).catch(
      () => undefined,
    );
    await store.close?.();
  }

  /** Says which keys this process has, and reads what the others say. Does nothing while the store is away. */
  private async report(): Promise<void> {
    const { reports, onlyLooks } = this.parts;
    const { failed, storeNow } = this.record;
    if (onlyLooks) return this.readReports();
    if (!reports || !storeNow || failed?.error instanceof SessionStoreError) return;
    await reports.write({ hints: this.hints, fault: failed ? codeOf(failed.error) : '' }, storeNow);
    await this.readReports();
  }

  private async readReports(): Promise<void> {
    const { storeNow } = this.record;
    if (storeNow) this.reported = (await this.parts.reports?.read(storeNow, !this.parts.onlyLooks)) ?? [];
  }

  private get processes(): RingState['processes'] {
    const { storeNow, readAt, changedAt, rows } = this.record;
    const { reports } = this.parts;
    if (!reports || !storeNow || !readAt) return [];
    const own = { id: reports.id, hints: this.hints, rows, readAt, changedAt, now: storeNow };
    return judgeProcesses(this.reported, own);
  }

  private get hints(): number[] {
    return this.current?.keys.map(({ hint }) => hint) ?? [];
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
    const before = this.current;
    this.wrapsAnew ||= isAsked;
    try {
      await this.doAll();
    } catch (error) {
      this.watch.failed();
      this.record.fail(error);
      this.forsake(this.memory.revokedIn(this.read));
      this.promoteAlone();
      throw error;
    }
    const { alarm } = this.parts;
    if (before) alarm.succeeded(hintsOf(this.ring.keys), isAsked || this.current !== before);
  }

  /** Reads the rows and does what is due, until nothing is. Nothing is written before all rows were opened: a process with other
   *  secrets must not change the ring. */
  private async doAll(): Promise<void> {
    const before = this.current;
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
      this.record.succeeded(loaded, before !== undefined && before !== this.current);
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
    this.current = (await this.makeRing(opened)) ?? this.current;
    this.isAhead = false;
    this.memory.take(rows);
    this.secretsSeen = generation;
  }

  /** Takes keys out of the ring. The next key seals in the place of the first. */
  private forsake(hints: readonly number[]): void {
    const keys = this.current?.keys ?? [];
    const left = keys.filter(({ hint }) => !hints.includes(hint));
    if (left.length < keys.length) this.current = this.ringOf(left);
  }

  /** Lets a published key seal here when it is {@link heirOf its time}, though the rows cannot be read. Nothing is written, and the
   *  next reading that goes well decides anew. Otherwise this process would seal by a key that the others drop. */
  private promoteAlone(): void {
    const { readAt, storeNow } = this.record;
    if (!readAt || !storeNow) return;
    const heir = heirOf(this.memory.rows, { readAt, wasSettled: this.wasSettled, now: storeNow });
    const keys = this.current?.keys ?? [];
    const first = keys.find(({ hint }) => hint === heir?.hint);
    if (!first?.index || !this.mayStillSeal(first)) return;
    this.current = this.ringOf([first, ...keys.filter((key) => key !== first)]);
    this.isAhead = true;
  }

  /** False if a person has retired a key in rows that were read and that did not open. */
  private mayStillSeal({ hint }: RingKey): boolean {
    const row = this.read.find((one) => one.hint === hint);
    return row?.state === 'published' || row?.state === 'sealing';
  }

  /** Makes the ring: the sealing key first, then those that come next. Wipes all bytes. Returns `undefined` while no key may
   *  seal. */
  private async makeRing(opened: Awaited<ReturnType<RingRows['unwrapAll']>>): Promise<KeyRing | undefined> {
    const { maker, rules, onlyLooks } = this.parts;
    const first = sealingKey(opened.map(({ row }) => row));
    const rank = (row: KeyRow) => (row === first ? 0 : row.state === 'published' ? 1 : 2);
    const ordered = opened.toSorted((a, b) => rank(a.row) - rank(b.row));
    try {
      if (!first && !rules.adopts && !onlyLooks) return undefined;
      const secrets = ordered.map(({ key: { bytes } }) => ({ kind: 'raw', bytes }) as const);
      const keys = secrets.length ? (await maker.make(secrets)).keys : [];
      return this.ringOf(rules.adopts ? this.withSecrets(keys, first !== undefined) : keys);
    } finally {
      for (const { key } of opened) key.bytes.fill(0);
    }
  }

  /** Returns the keys, and those of `crypto.secrets`, which have sealed sessions before. They seal until a key of the ring
   *  does. */
  private withSecrets(own: readonly RingKey[], seals: boolean): RingKey[] {
    const { keys } = this.parts.secrets.ring;
    const others = keys.filter(({ hint }) => !own.some((key) => key.hint === hint));
    return seals ? [...own, ...others] : [...others, ...own];
  }

  /** Returns the current ring if it has these keys: another one would end the epoch and empty the caches. */
  private ringOf(keys: readonly RingKey[]): KeyRing {
    const before = this.current?.keys;
    const isSame = ({ ref, retiring }: RingKey, i: number) =>
      ref === before?.[i]?.ref && retiring === before[i]!.retiring;
    if (before?.length === keys.length && keys.every(isSame)) return this.current!;
    const placed = keys.map((key, index) => ({ ...key, index }));
    return new KeyRing(placed, ++this.generation);
  }

  /** Does the first thing that is due. Resolves to `false` if nothing is. */
  private async doNext(loaded: LoadedKeys): Promise<boolean> {
    const { watch, stale } = this;
    if (this.parts.onlyLooks) return false;
    const plan = ringPlan(loaded.rows, loaded.now, this.rules, watch.isSettled);
    const step = plan.find((one) => this.mayDrop || one.step !== 'drop');
    this.wrapsAnew ||= stale.length > 0 && this.parts.steady() - this.staleSince >= WRAPS_AFTER;
    const wrapped = this.wrapsAnew ? loaded.rows.find(({ id }) => stale.includes(id)) : undefined;
    if (step) await this.doStep(step, loaded);
    else if (wrapped) await this.parts.rows.change(wrapped, {});
    else this.wrapsAnew = false;
    return Boolean(step ?? wrapped);
  }

  private async doStep(step: RingStep, loaded: LoadedKeys): Promise<boolean> {
    const { rows } = this.parts;
    if (step.step === 'make') return rows.make(step.id, step.sealsAt, loaded);
    const row = loaded.rows.find(({ id }) => id === step.key.id)!;
    const { now } = loaded;
    switch (step.step) {
      case 'promote':
        return rows.change(row, { state: 'sealing', sealsAt: now });
      case 'retire':
        return rows.change(row, { state: 'retiring', retiresAt: now, dropsAt: step.dropsAt });
      case 'extend':
        return rows.change(row, { dropsAt: step.dropsAt });
      case 'drop':
        return rows.drop(row);
    }
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

const notOpen = () =>
  new SessionStateError(
    'ERR_SESSION_CLOSED',
    'The keys of the managed ring are not read yet: they are read when the application starts',
  );

const noneLeft = () =>
  new SessionStateError(
    'ERR_SESSION_CLOSED',
    'All keys of the managed ring are revoked, and no other could be made; the event keysFailed says why',
  );

const noKeys = () =>
  new SessionConfigError([
    {
      path: 'crypto.ring',
      message:
        'the store of keys is empty; check that it is the right database. Only a start of the application makes the first key, and a command that looks makes none',
    },
  ]);

const closed = () =>
  new SessionStateError(
    'ERR_SESSION_CLOSED',
    'The keys cannot be read again, because the application is closing',
  );
