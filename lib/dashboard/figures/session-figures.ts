import type { ProcessClocks } from '../../checkup/process-clocks.js';
import type { SessionEventMap, SessionEventName, SessionEvents } from '../../persistence/session-events.js';
import type { ProbeEnd, ProbeStep, SessionProbe } from '../../persistence/session-probe.interface.js';
import { COLUMNS, ENDS, REJECTS, type Column, type Timed } from './columns.js';
import { KeySeals } from './key-seals.js';
import { KeyUses } from './key-uses.js';
import { bucketOf } from './latency.js';
import { Happenings, watchHappenings } from './happenings.js';
import { MinuteRing } from './minute-ring.js';
import { Recent } from './recent.js';

/** Minutes that are remembered: twelve hours. */
export const MINUTES = 720;

/** One run of the prune. Times are milliseconds, `at` since 1970. */
export interface PruneRun {
  readonly at: number;
  readonly took: number;
  /** Rows that it has removed. */
  readonly removed: number | undefined;
  /** The code of the error that ended it. */
  readonly failed: string | undefined;
}

type Listener<E extends SessionEventName> = (detail: SessionEventMap[E]) => void;

/** Counts what happens to one named session in this process. Its memory is fixed: minutes, keys and happenings have a limit. */
export class SessionFigures implements SessionProbe {
  readonly startedAt: number;
  readonly ring: MinuteRing<Column>;
  readonly keys = new KeyUses();
  readonly seals = new KeySeals();
  readonly prunes = new Recent<PruneRun>(6);
  readonly happenings = new Happenings();
  /** Each takes one listener off. */
  private readonly detached: (() => void)[] = [];

  constructor(
    private readonly session: string,
    private readonly clocks: ProcessClocks,
  ) {
    this.startedAt = clocks.wall();
    this.ring = new MinuteRing(COLUMNS, MINUTES, clocks.steady);
  }

  /** Counts what `events` report from now on. */
  listen(events: SessionEvents): void {
    const { ring } = this;
    for (const name of ['created', 'migrated'] as const) this.on(events, name, () => ring.add(name));
    this.on(events, 'signedIn', ({ how }) => ring.add(how));
    this.on(events, 'ended', () => ring.add('ended'));
    this.on(events, 'signedOut', ({ why, sessions }) => {
      const column = ENDS_BY_WHY[why];
      if (column) ring.add(column, sessions);
    });
    this.on(events, 'rejected', ({ reason }) => ring.add(rejectOf(reason)));
    for (const name of [
      'ambiguous',
      'conflict',
      'dropped',
      'lostChange',
      'touchFailed',
      'commitFailed',
    ] as const)
      this.on(events, name, () => ring.add(name));
    this.on(events, REMEMBER_REJECTED, () => ring.add('rememberRejected'));
    watchHappenings((name, describe, bad) =>
      this.on(events, name, (detail) => this.happenings.add(describe(detail), bad, this.clocks.wall())),
    );
  }

  /** Takes all listeners off. */
  stop(): void {
    for (const detach of this.detached.splice(0)) detach();
  }

  begin(step: ProbeStep, session: string, detail = ''): ProbeEnd {
    const timed = step === 'load' ? 'read' : WRITES.has(detail) ? 'write' : undefined;
    if (session !== this.session || !(timed ?? step === 'prune')) return NOTHING;
    const began = this.clocks.steady();
    return (failed, removed) => {
      const took = this.clocks.steady() - began;
      if (timed) this.timed(timed, took, failed);
      else this.prunes.add({ at: this.clocks.wall() - took, took, removed, failed });
    };
  }

  openedBy(session: string, hint: string): void {
    if (session === this.session) this.keys.add(hint, this.clocks.wall());
  }

  joined(session: string): void {
    if (session === this.session) this.ring.add('joined');
  }

  merged(session: string): void {
    if (session === this.session) this.ring.add('merged');
  }

  /** Notes the number of live sessions; 0 in the ring means that nobody has counted. */
  counted(sessions: number): void {
    this.ring.set('sessions', sessions + 1);
  }

  private timed(step: Timed, took: number, failed: string | undefined): void {
    this.ring.add(failed === undefined ? `${step}.${bucketOf(took)}` : `${step}.failed`);
  }

  private on<E extends SessionEventName>(events: SessionEvents, event: E, listener: Listener<E>): void {
    events.on(event, listener);
    this.detached.push(() => events.off(event, listener));
  }
}

const NOTHING = () => undefined;
/** The operations of a store that write a session. */
const WRITES = new Set(['create', 'replace', 'move', 'touch', 'destroy', 'updateLocked']);
/** An event of `lib/remember-me`, which this room does not import. */
const REMEMBER_REJECTED = 'rememberRejected' as SessionEventName;

/** The columns of ends by `signedOut.why`. A logout counts as the event `ended`, which comes with it. */
const ENDS_BY_WHY: Partial<Record<string, keyof typeof ENDS>> = {
  login: 'relogin',
  revoked: 'revoked',
  limit: 'limit',
  reused: 'reused',
};

const rejectOf = (reason: string): Column => `reject.${(reason in REJECTS ? reason : 'other') as 'other'}`;
