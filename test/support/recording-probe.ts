import type { ProbeEnd, ProbeStep, SessionProbe } from 'nestjs-session-crypto';

/** One step that a probe has seen, as `step detail`, with how it ended. */
export interface SeenStep {
  readonly step: string;
  readonly session: string;
  outcome?: string | undefined;
  count?: number | undefined;
  ended: boolean;
}

/** Writes down what it sees. */
export class RecordingProbe implements SessionProbe {
  readonly steps: SeenStep[] = [];
  readonly hints: string[] = [];
  joins = 0;
  merges = 0;

  begin(step: ProbeStep, session: string, detail?: string): ProbeEnd {
    const named = detail === undefined || detail === step ? step : `${step} ${detail}`;
    const seen: SeenStep = { step: named, session, ended: false };
    this.steps.push(seen);
    return (outcome, count) => Object.assign(seen, { outcome, count, ended: true });
  }

  openedBy(_session: string, hint: string): void {
    this.hints.push(hint);
  }

  joined(): void {
    this.joins++;
  }

  merged(): void {
    this.merges++;
  }

  /** The steps since the last call, in the order of their begins. */
  take(): string[] {
    return this.steps.splice(0).map(({ step }) => step);
  }
}
