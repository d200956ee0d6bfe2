import type { ProbeEnd, ProbeStep, SessionProbe } from '../persistence/session-probe.interface.js';
import type { SessionSpans } from './session-spans.js';

/** Makes spans and measures nothing. */
export class SpansOnlyProbe implements SessionProbe {
  constructor(private readonly spans: SessionSpans) {}

  begin(step: ProbeStep, _session: string, detail?: string): ProbeEnd {
    const span = this.spans.begin(step, detail);
    return span ? (outcome) => this.spans.end(span, outcome) : NOTHING;
  }

  openedBy(): void {}

  joined(): void {}

  merged(): void {}
}

const NOTHING: ProbeEnd = () => undefined;
