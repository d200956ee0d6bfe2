/** A process that follows a managed ring, as it has said of itself in a row of its own. All times are the store's. */
export interface RingProcess {
  /** The number of its row. */
  readonly id: number;
  /** Its host and process id, in its own words; empty if its report does not open. */
  readonly label: string;
  /** True for the process that asks. */
  readonly isOwn: boolean;
  readonly startedAt: Date;
  readonly reportedAt: Date;
  /** The hint of the key that it seals with; empty if its report does not open. */
  readonly seals: string;
  /** Hints of keys that it should open and does not have. It refuses sessions that other processes have sealed. */
  readonly lacks: readonly string[];
  /** Hints of revoked keys that it still opens. */
  readonly keeps: readonly string[];
  /** `agrees`: it had the same ring at its last report. `behind`: it had another ring, though it could have read the rows as they
   *  are. `failing`: it says itself that it cannot follow the rows. `silent`: its last report is old, so it has crashed, or has
   *  lost the store of the keys. `unreadable`: its report does not open, so it has other secrets. */
  readonly state: 'agrees' | 'behind' | 'failing' | 'silent' | 'unreadable';
  /** The code of what keeps it from following the rows. */
  readonly fault: string | undefined;
}

/** What a process says of itself. It holds no key. */
export interface ProcessReport {
  readonly label: string;
  /** The hints of its ring, the sealing key first. */
  readonly hints: readonly number[];
  /** The code of what keeps it from following the rows; empty if nothing does. */
  readonly fault: string;
}

/** The row of a process; `report` is `undefined` if it does not open. */
export interface ReportedProcess {
  readonly id: number;
  readonly startedAt: Date;
  readonly reportedAt: Date;
  readonly report: ProcessReport | undefined;
}
