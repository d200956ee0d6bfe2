import type { IncomingMessage } from 'node:http';
import type { Awaitable } from '../crypto/awaitable.js';
import type { ResolveToken } from '../stores/session-store.interface.js';
import type { ConfigFault } from '../errors/session-config.error.js';
import type { AuditFinding, CodecParts } from './session-format.interface.js';
import type { RecordCodec } from './record-codec.interface.js';
import type { SessionEvents } from './session-events.js';
import type { SessionRepository } from './session-repository.interface.js';

/** A store that somebody else's sessions wait in too, with a table and ids of its own. */
export interface ForeignStore {
  readonly kind: string;
  /** Name of the table. */
  readonly name: string;
  /** Name of the {@link SessionFormat} that its rows are of; absent where they have a form of their own, with a part in
   *  it that `crypto.secrets` seal. */
  readonly format?: string;
  /** The cookie's name where none is set. */
  readonly cookieName?: string;
  repository(parts: ForeignParts): SessionRepository;
  /** Who the request is by, where sessions are found by that and not by a cookie. */
  identify?(request: IncomingMessage): string | undefined;
  /** Random bits of an id, where `id` says of what form it is. */
  idBits?(form: PhpIdFormat): number;
  /** Everything that is wrong with how it was made, below the option `store`. */
  check?(form: PhpIdFormat): readonly ConfigFault[];
  /** What a security review should know of it. */
  audit?(): readonly AuditFinding[];
  /** Removes what has expired, a bounded number at a time; says how many. */
  prune(): Promise<number>;
  /** The store's clock, as well as this process knows it. */
  now(): Date;
  open(resolve: ResolveToken): Awaitable<void>;
  close(): Awaitable<void>;
}

/** What ids of PHP's form are like. */
export interface PhpIdFormat {
  /** Characters. */
  readonly length: number;
  readonly bitsPerCharacter: 4 | 5 | 6;
}

export interface ForeignParts extends CodecParts {
  readonly session: string;
  /** The format's; our own, bound to the store, where it has none. */
  readonly codec: RecordCodec;
  /** Our own form, bound to one row of the store. Absent where a format takes its place. */
  readonly rowCodec?: (row: Buffer) => RecordCodec;
  readonly id: PhpIdFormat;
  /** Milliseconds that one operation may take. */
  readonly timeout: number;
  readonly events: SessionEvents;
  /** Tells the operator. */
  readonly warn: (message: string) => void;
  /** Runs one operation of the store: in time, or a SessionStoreError. */
  watch<R>(operation: string, ask: () => Promise<R>): Promise<R>;
}
