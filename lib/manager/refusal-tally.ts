import type { LineFields } from '../errors/log-lines.js';
import type { SessionEventName, SessionEvents } from '../persistence/session-events.js';

/** Counts what became of sessions since the start: how many were begun, ended and refused, and why. */
export class RefusalTally {
  private readonly reasons = new Map<string, number>();
  private events: SessionEvents | undefined;

  listen(events: SessionEvents): void {
    this.events = events;
    events.on('rejected', ({ reason }) => this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1));
  }

  /** Returns one sentence, and its facts. */
  report(): { text: string; fields: LineFields } {
    const [began, ended, refused] = (['created', 'ended', 'rejected'] as const).map((name) =>
      this.count(name),
    );
    const ranked = [...this.reasons].toSorted(([, a], [, b]) => b - a);
    const reasons = ranked.map(([reason, times]) => `${reason} ${times}`);
    const why = reasons.length ? `: ${reasons.join(', ')}` : '';
    return {
      text: `${began} sessions were begun, ${ended} were ended, and ${refused} cookies were refused${why}`,
      fields: { began, ended, refused, reasons },
    };
  }

  private count(name: SessionEventName): number {
    return this.events?.count(name) ?? 0;
  }
}
