/** What a format or a store says about itself in the audit. */
export interface AuditFinding {
  /** `ok`: as recommended. `info`: the operator decides. `warning`: it works, and it could be safer. `danger`: sessions can be
   *  stolen, forged or lost. */
  readonly level: 'ok' | 'info' | 'warning' | 'danger';
  /** A stable name, such as `apache-short-passphrase`. */
  readonly code: string;
  readonly path: string;
  readonly message: string;
  /** The present value in a few words. @default who keeps the sessions */
  readonly value?: string;
  readonly recommended: string;
  /** The change that makes the verdict `ok`, or what to do if none does. */
  readonly remedy: string;
  /** Who recommends it. @default the name of the format */
  readonly source?: string;
}
