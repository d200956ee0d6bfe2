import type { IncomingMessage } from 'node:http';
import type { Awaitable } from '../crypto/awaitable.js';
import type { ResolveToken, StoreLimits } from '../stores/session-store.interface.js';
import type { TellOperator } from '../errors/log-lines.js';
import type { ConfigFault } from '../errors/session-config.error.js';
import type { AuditFinding } from '../stores/audit-finding.interface.js';
import type { CodecParts } from './session-format.interface.js';
import type { RecordCodec } from './record-codec.interface.js';
import type { SessionEvents } from './session-events.js';
import type { SessionRepository } from './session-repository.interface.js';

/** A store that another program shares, with a table and ids of its own. */
export interface ForeignStore {
  readonly kind: string;
  /** The name of the table. */
  readonly name: string;
  /** The name of the {@link SessionFormat} that its rows have. Absent where the rows have a layout of their own,
   *  with a part that `crypto.secrets` seal. */
  readonly format?: string;
  /** The cookie's name where `cookie.name` is not set. */
  readonly cookieName?: string;
  repository(parts: ForeignParts): SessionRepository;
  /** Returns the user who sent the request, for a store that finds sessions by user and not by cookie. */
  identify?(request: IncomingMessage): string | undefined;
  /** Returns the random bits of an id, for a store whose ids have PHP's format. */
  idBits?(form: PhpIdFormat): number;
  /** Returns every fault of the options that it was made with, below the option `store`. */
  check?(form: PhpIdFormat): readonly ConfigFault[];
  /** Everything besides kind and name that must be equal on servers that share sessions, for the audit's fingerprint. */
  readonly equalParameters?: readonly unknown[];
  /** Returns what a security review should know about it. */
  audit?(): readonly AuditFinding[];
  /** Removes expired sessions, all or a bounded number, and resolves to the number that it removed. */
  prune(): Promise<number>;
  /** Resolves if the store can be read and written now, and rejects otherwise. Nothing of it stays in the store. */
  ping?(): Promise<void>;
  /** Returns the store's clock, as far as this process knows it. */
  now(): Date;
  open(resolve: ResolveToken, limits?: StoreLimits): Awaitable<void>;
  close(): Awaitable<void>;
}

/** The format of PHP's session ids. */
export interface PhpIdFormat {
  /** The number of characters. */
  readonly length: number;
  readonly bitsPerCharacter: 4 | 5 | 6;
}

export interface ForeignParts extends CodecParts {
  readonly session: string;
  /** The codec of the store's format, or the native codec, bound to the store, where it has none. */
  readonly codec: RecordCodec;
  /** Returns the native codec bound to one row of the store. Absent where a format replaces the native one. */
  readonly rowCodec?: (row: Buffer) => RecordCodec;
  readonly id: PhpIdFormat;
  readonly events: SessionEvents;
  /** Tells the operator in a full sentence. */
  readonly tell: TellOperator;
  /** Runs one operation of the store. Rejects with a SessionStoreError when it fails or takes too long. `ask` gets the milliseconds
   *  that it may take. After `until` (`performance.now()`), nothing is asked. */
  watch<R>(operation: string, ask: (timeout: number) => Promise<R>, until?: number): Promise<R>;
}
