import type { ForeignRow } from '../../manager/read-foreign.js';

/** The packages whose sessions are converted. */
export const PACKAGES = ['connect-pg-simple', 'connect-typeorm', 'connect-redis'] as const;
export type SourcePackage = (typeof PACKAGES)[number];

/** Where a store for express-session keeps its sessions. Every method rejects with a CommandError that says what was seen. Nothing is
 *  ever written there. */
export interface SessionSource {
  /** The package and the table or prefix. It is sealed with each converted session, so that a run ends only those of its own. */
  readonly name: string;
  /** Tells the database from others. It is sealed too, and never shown. */
  readonly database: string;
  /** Tells the run of the server that the places of {@link pages} are of from others; empty where a place is good for every run. It
   *  is sealed with each mark. */
  readonly serverRun: string;
  /** Resolves to the number of sessions, which may be an estimate. */
  count(): Promise<number>;
  /** Yields the sessions behind `after`, the place of an earlier page, about `size` at a time. */
  pages(after: string | undefined, size: number): AsyncGenerator<SourcePage>;
  /** Resolves to those of the ids that are alive there. */
  alive(ids: readonly string[]): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
}

export interface SourcePage {
  readonly rows: readonly ForeignRow[];
  /** The place behind the page. It can be an id, so nobody may see it. */
  readonly place: string;
}

/** Where the flags say that the sessions are. */
export interface SourceFlags {
  readonly from: SourcePackage;
  /** The environment variable that holds the address. */
  readonly urlEnv?: string;
  readonly table?: string;
  readonly schema?: string;
  readonly prefix?: string;
}
