import type { ProcessClocks } from '../checkup/process-clocks.js';
import type { SessionHealth } from '../checkup/session-health.interface.js';
import type { SessionManager } from '../manager/session-manager.js';
import { longestNeed } from '../options/resolve-ring.js';
import type { KeyInfo } from '../ring/ring-administration.js';
import type { SessionService } from '../session.service.js';
import { Census, type Count } from './census.js';
import { FleetBoard, type Gathered } from './fleet/fleet-board.js';
import { reportOf, type ProcessReport } from './fleet/process-report.js';
import { Fresh } from './fresh.js';
import { localCharts, type LocalCharts } from './figures/local-charts.js';
import type { Happening } from './figures/happenings.js';
import { SessionFigures, type PruneRun } from './figures/session-figures.js';
import { snapshotOf, together, type Snapshot } from './figures/snapshot.js';
import { ringFacts, type RingKeyFacts } from './ring-facts.js';

/** Milliseconds that a page waits for what only the store knows. */
const PATIENCE = 1500;
/** Milliseconds for which such an answer is shown again. */
const FRESH = 10_000;
const MINUTE = 60_000;

/** `store`: other processes are known by the store. `alone`: they count apart. `late`: the store did not answer. */
export type Gathering = 'store' | 'alone' | 'late';

/** Everything that a page shows of one named session. Times are milliseconds since 1970. */
export interface SessionView {
  readonly name: string;
  readonly now: number;
  readonly count: Count;
  /** Of all processes that are known. */
  readonly figures: Snapshot;
  /** What each process says of itself, this one first. */
  readonly processes: readonly ProcessReport[];
  /** Processes whose figures do not open here. */
  readonly unreadable: number;
  /** True if there may be more processes than the store has places for. */
  readonly isFull: boolean;
  readonly gathering: Gathering;
  readonly charts: LocalCharts;
  readonly prunes: readonly PruneRun[];
  readonly happenings: readonly Happening[];
  readonly ring: readonly RingKeyFacts[];
  /** The keys of a managed ring; `undefined` if there is none, or its store does not respond. */
  readonly managed: readonly KeyInfo[] | undefined;
  /** `undefined` if nothing has responded in time. */
  readonly health: SessionHealth | undefined;
  /** Seconds that a session lives at most without a request; 0 for no limit. */
  readonly longestIdle: number;
  /** Returns the seconds for which a key is needed that has stopped sealing at `stopped`. */
  readonly needAfter: (stopped: number) => number;
  readonly stores: readonly string[];
}

/** One named session of the application, which is counted as long as the application runs. */
export class WatchedSession {
  readonly figures: SessionFigures;
  private readonly census: Census;
  private readonly health: Fresh<SessionHealth>;
  private readonly managed: Fresh<KeyInfo[]>;
  private readonly board: FleetBoard | undefined;
  private readonly others: Fresh<Gathered | undefined>;
  private timer: NodeJS.Timeout | undefined;
  private unobserve: (() => void) | undefined;

  constructor(
    readonly manager: SessionManager,
    readonly service: SessionService,
    private readonly clocks: ProcessClocks,
  ) {
    this.figures = new SessionFigures(manager.name, clocks);
    const note = (sessions: number) => this.figures.counted(sessions);
    this.census = new Census(() => service.count({ estimate: true }), clocks, note);
    const fresh = { milliseconds: FRESH, patience: PATIENCE, now: clocks.steady };
    this.health = new Fresh(() => service.health(), fresh);
    this.managed = new Fresh(() => service.keys.list(), fresh);
    this.board = FleetBoard.of(manager.base);
    this.others = new Fresh(async () => this.board?.gather(), fresh);
  }

  /** Begins to count. */
  start(): void {
    this.figures.listen(this.service.events);
    this.unobserve = this.service.observe(this.figures);
    this.service.events.on('keysReloaded', this.look);
    this.look();
    this.timer = setInterval(() => void this.tick(), MINUTE).unref();
    void this.tick();
  }

  stop(): void {
    clearInterval(this.timer);
    this.unobserve?.();
    this.service.events.off('keysReloaded', this.look);
    this.figures.stop();
  }

  async view(): Promise<SessionView> {
    const { manager, figures, clocks } = this;
    const [health, managed, others] = await Promise.all([
      this.health.get(),
      this.managed.get(),
      this.others.get(),
    ]);
    const ring = ringFacts(manager);
    const processes = [this.report(ring), ...(others?.reports ?? [])];
    return {
      name: manager.name,
      now: clocks.wall(),
      count: this.census.result,
      figures: together(processes.map((one) => one.figures)),
      processes,
      unreadable: others?.unreadable ?? 0,
      isFull: others?.isFull ?? false,
      gathering: gatheringOf(this.board, others),
      charts: localCharts(figures),
      prunes: figures.prunes.all(),
      happenings: figures.happenings.all(),
      ring,
      managed,
      health,
      longestIdle: longestIdle(manager),
      needAfter: (stopped) => longestNeed(manager.base.options, stopped),
      stores: manager.stores.map(({ kind, rows }) =>
        rows && rows.name !== kind ? `${kind} “${rows.name}”` : kind,
      ),
    };
  }

  private report(ring = ringFacts(this.manager)): ProcessReport {
    this.look();
    const hints = ring.map(({ hint }) => hint);
    return reportOf(snapshotOf(this.figures), hints, this.clocks.wall());
  }

  /** Notes which keys seal now. */
  private readonly look = (): void => {
    const sealing = ringFacts(this.manager).filter(({ state }) => state === 'seals');
    this.figures.seals.look(
      sealing.map(({ hint }) => hint),
      this.clocks.wall(),
    );
  };

  /** What is due every minute. A store that is away has been reported already. */
  private async tick(): Promise<void> {
    await this.census.tick();
    await this.board?.publish(this.report()).catch(() => undefined);
  }
}

/** A store in the memory of this process tells of another one only if both are given the same object. */
function gatheringOf(board: FleetBoard | undefined, others: Gathered | undefined): Gathering {
  const isHeard = others && others.reports.length + others.unreadable > 0;
  if (!board || (board.isLocal && !isHeard)) return 'alone';
  return others ? 'store' : 'late';
}

/** Returns the seconds after which a session that nobody uses has ended, over all contexts; 0 for never. */
function longestIdle({ profiles }: SessionManager): number {
  const ends = profiles.map(({ options: { timeouts } }) => timeouts.idleTimeout || timeouts.absoluteTimeout);
  return ends.includes(0) ? 0 : Math.max(...ends);
}
