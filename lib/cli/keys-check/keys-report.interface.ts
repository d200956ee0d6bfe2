/** What `keys check` finds. It holds no key and no secret: hints are no secret. */
export interface KeysReport {
  readonly session: string;
  /** As the audit shows it: equal on servers that share sessions. */
  readonly fingerprint: string;
  readonly rings: readonly RingReport[];
  /** Sentences about what is wrong. */
  readonly findings: readonly string[];
  /** Sentences about what is as it should be, or what to know. */
  readonly notes: readonly string[];
}

export interface RingReport {
  /** The option path of its secrets, such as `crypto` or `contexts[0].crypto`. */
  readonly path: string;
  /** `crypto.ring`. */
  readonly ring: string;
  readonly managed: boolean;
  readonly sources: readonly SourceReport[];
  readonly keys: readonly KeyReport[];
}

/** An entry of `crypto.secrets`. */
export interface SourceReport {
  readonly path: string;
  readonly from: string;
  /** Secrets that it gave; absent if it failed. */
  readonly secrets?: number;
  readonly fault?: string;
}

export interface KeyReport {
  readonly hint: string;
  readonly place: number;
  readonly seals: boolean;
  readonly state?: string | undefined;
  /** Stored sessions that it has sealed; absent where they were not counted. */
  readonly rows?: number | undefined;
  /** When the last of them has ended, at the latest. */
  readonly lastEnd?: Date | undefined;
}
