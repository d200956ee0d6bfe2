import { hostname } from 'node:os';
import { COLUMNS } from '../figures/columns.js';
import { GROUPS, type Snapshot } from '../figures/snapshot.js';

/** Rises with every change of what a report holds; a process of another version is not added up. */
const VERSION = `3/${COLUMNS.length}/${GROUPS}`;

/** What one process says of itself to the others. */
export interface ProcessReport {
  readonly version: string;
  /** Machine and process, such as `web-1:4711`. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The key hints of its ring, the sealing one first. */
  readonly ring: readonly string[];
  readonly figures: Snapshot;
}

/** A report as it is posted. */
export interface PostedReport extends ProcessReport {
  /** The board that has posted it, by a random name. */
  readonly board: string;
}

export const reportOf = (figures: Snapshot, ring: readonly string[], at: number): ProcessReport => ({
  version: VERSION,
  name: `${hostname()}:${process.pid}`,
  at,
  ring,
  figures,
});

export const encodeReport = (report: PostedReport): Buffer => Buffer.from(JSON.stringify(report));

/** Reads a report that one of our keys has opened; `undefined` for one of another version. */
export function decodeReport(bytes: Buffer): PostedReport | undefined {
  const report = JSON.parse(bytes.toString()) as PostedReport;
  return report.version === VERSION ? report : undefined;
}
