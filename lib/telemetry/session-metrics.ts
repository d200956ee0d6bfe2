import type { Histogram } from '@opentelemetry/api';
import { Tally } from './tally.js';

/** Keys whose opens are kept apart. A ring has few, and a managed one makes another now and then. */
const MAX_HINTS = 32;

/** What the metrics of all sessions of a process are read from. The histograms are OpenTelemetry's own. */
export class SessionMetrics {
  readonly begun = new Tally();
  readonly ended = new Tally();
  readonly logins = new Tally();
  readonly rejected = new Tally();
  readonly opens = new Tally(MAX_HINTS);
  readonly lastOpened = new Tally(MAX_HINTS);
  readonly conflicts = new Tally();
  readonly merged = new Tally();
  readonly joined = new Tally();
  readonly dropped = new Tally();
  readonly pruned = new Tally();
  readonly steps = new Tally();
  readonly stepTime = new Tally();
  readonly waiters = new Tally();
  readonly storeUp = new Tally();
  readonly events = new Tally();

  constructor(
    readonly store: Histogram,
    readonly waits: Histogram,
  ) {}
}
