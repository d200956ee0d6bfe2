import type { IncomingMessage } from 'node:http';
import type { Awaitable } from '../crypto/index.js';
import type { ResolveToken } from '../stores/index.js';
import type { CodecParts } from './session-format.interface.js';
import type { RecordCodec } from './record-codec.interface.js';
import type { SessionEvents } from './session-events.js';
import type { SessionRepository } from './session-repository.interface.js';

/** A store that somebody else's sessions wait in too, with a table and ids of its own. */
export interface ForeignStore {
  readonly kind: string;
  /** Name of the table. */
  readonly name: string;
  /** Name of the {@link SessionFormat} that its rows are of. */
  readonly format: string;
  repository(parts: ForeignParts): SessionRepository;
  /** Who the request is by, where sessions are found by that and not by a cookie. */
  identify?(request: IncomingMessage): string | undefined;
  /** Removes what has expired, a bounded number at a time; says how many. */
  prune(): Promise<number>;
  /** The store's clock, as well as this process knows it. */
  now(): Date;
  open(resolve: ResolveToken): Awaitable<void>;
  close(): Awaitable<void>;
}

export interface ForeignParts extends CodecParts {
  readonly session: string;
  readonly codec: RecordCodec;
  readonly events: SessionEvents;
  /** Runs one operation of the store: in time, or a SessionStoreError. */
  watch<R>(operation: string, ask: () => Promise<R>): Promise<R>;
}
