import type { Attributes } from '@opentelemetry/api';
import type { ProbeEnd, ProbeStep, SessionProbe } from '../persistence/session-probe.interface.js';
import { Measured } from './measured.js';
import { ATTRIBUTES } from './metric-names.js';
import type { SessionMetrics } from './session-metrics.js';
import type { SessionSpans } from './session-spans.js';
import type { Cell } from './tally.js';

/** Measures the steps of the requests of one session name. */
export class TelemetryProbe implements SessionProbe {
  private readonly ofSession: Attributes;
  private readonly operations: Measured<Attributes>;
  private readonly queues: Measured<Attributes>;
  private readonly steps: Measured<{ count: Cell; time: Cell }>;
  private readonly waiters: Measured<Cell>;
  private readonly keys: Measured<{ opens: Cell; last: Cell }>;

  constructor(
    session: string,
    system: string,
    private readonly metrics: SessionMetrics,
    private readonly spans: SessionSpans | undefined,
  ) {
    const { step, queue, hint, operation } = ATTRIBUTES;
    const ofSession = { [ATTRIBUTES.session]: session };
    const named = (key: string) => (name: string, outcome: Attributes) => ({
      ...ofSession,
      [key]: name,
      ...outcome,
    });
    const ofSystem = { [ATTRIBUTES.system]: system };
    this.ofSession = ofSession;
    this.operations = new Measured((name, outcome) => ({ ...ofSystem, ...named(operation)(name, outcome) }));
    this.queues = new Measured(named(queue));
    this.steps = new Measured((name, outcome) => {
      const attributes = named(step)(name, outcome);
      return { count: metrics.steps.of(attributes), time: metrics.stepTime.of(attributes) };
    });
    this.waiters = new Measured((name) => metrics.waiters.of(named(queue)(name, {})));
    this.keys = new Measured((name) => {
      const attributes = named(hint)(name, {});
      return { opens: metrics.opens.of(attributes), last: metrics.lastOpened.of(attributes) };
    });
  }

  begin(step: ProbeStep, _session: string, detail?: string): ProbeEnd {
    const { spans } = this;
    const span = spans?.begin(step, detail);
    if (step === 'wait') this.waiters.of(detail!, undefined).add();
    const begun = performance.now();
    return (outcome, count) => {
      this.measure(step, detail, (performance.now() - begun) / 1000, outcome, count);
      if (span) spans!.end(span, outcome);
    };
  }

  openedBy(_session: string, hint: string): void {
    const { opens, last } = this.keys.of(hint, undefined);
    opens.add();
    last.set(Math.floor(Date.now() / 1000));
  }

  joined(): void {
    this.metrics.joined.of(this.ofSession).add();
  }

  merged(): void {
    this.metrics.merged.of(this.ofSession).add();
  }

  private measure(
    step: ProbeStep,
    detail: string | undefined,
    seconds: number,
    outcome: string | undefined,
    count: number | undefined,
  ): void {
    const { metrics } = this;
    if (step === 'wait') {
      this.waiters.of(detail!, undefined).add(-1);
      return metrics.waits.record(seconds, this.queues.of(detail!, outcome));
    }
    if (step === 'open' || step === 'commit' || step === 'seal') {
      const cells = this.steps.of(step, outcome);
      cells.count.add();
      return cells.time.add(seconds);
    }
    metrics.store.record(seconds, this.operations.of(detail ?? step, outcome));
    if (step === 'prune' && count) metrics.pruned.of(this.ofSession).add(count);
  }
}
