import { codeOf, SessionStoreError } from '../errors/session-store.error.js';
import { judgeProcesses } from './judge-processes.js';
import type { ProcessReports } from './process-reports.js';
import type { ReportedProcess } from './ring-process.interface.js';
import type { RingRecord, RingState } from './ring-record.js';

export interface FleetViewParts {
  /** The rows in which the processes report. */
  readonly reports: ProcessReports;
  /** How this process reads the ring. */
  readonly record: RingRecord;
  /** Returns the hints of the keys that this process has. */
  readonly hints: () => number[];
  /** This process reports nothing. */
  readonly onlyLooks: boolean;
}

/** What the processes of a ring say of themselves: which keys they have, and whether they could read them. */
export class FleetView {
  /** As it was read last. */
  private reported: readonly ReportedProcess[] = [];

  constructor(private readonly parts: FleetViewParts) {}

  /** Says which keys this process has, and reads what the others say. Does nothing while the store is away. */
  async report(): Promise<void> {
    const { reports, record, hints, onlyLooks } = this.parts;
    const { failed, storeNow } = record;
    if (onlyLooks) return this.read();
    if (!storeNow || failed?.error instanceof SessionStoreError) return;
    await reports.write({ hints: hints(), fault: failed ? codeOf(failed.error) : '' }, storeNow);
    await this.read();
  }

  async read(): Promise<void> {
    const { reports, record, onlyLooks } = this.parts;
    if (record.storeNow) this.reported = await reports.read(record.storeNow, !onlyLooks);
  }

  /** Nothing before this process has read the ring itself. */
  get processes(): RingState['processes'] {
    const { reports, record, hints } = this.parts;
    const { storeNow, readAt, changedAt, rows } = record;
    if (!storeNow || !readAt) return [];
    return judgeProcesses(this.reported, {
      id: reports.id,
      hints: hints(),
      rows,
      readAt,
      changedAt,
      now: storeNow,
    });
  }

  leave(): Promise<void> {
    return this.parts.reports.leave();
  }
}
