import type { Awaitable } from '../crypto/awaitable.js';
import type { ResolveToken, StoreLimits } from './session-store.interface.js';

/** The state of a key of a managed ring. `published`: every process knows it and none seals with it yet. `sealing`: it seals.
 *  `retiring`: it only opens. `revoked`: it opens nothing, and its bytes are gone. */
export type KeyState = 'published' | 'sealing' | 'retiring' | 'revoked';

/** What anybody may know of a key: its state and its times, by the store's clock. */
export interface KeyFacts {
  /** The number of the key in its ring: 1 for the first key, and each new key has the next one. */
  readonly id: number;
  /** 1 for a new row; each change adds one. */
  readonly version: number;
  /** The key hint, which every value that the key has sealed begins with. */
  readonly hint: number;
  readonly state: KeyState;
  /** When the key was made and published. */
  readonly createdAt: Date;
  /** When the key begins to seal, or when it began. */
  readonly sealsAt: Date;
  /** When the key stopped sealing, or was revoked; `undefined` before. */
  readonly retiresAt: Date | undefined;
  /** When the row is removed; `undefined` before it is known. */
  readonly dropsAt: Date | undefined;
}

/** A stored key. Readers trust only {@link wrapped}, which is bound to all other columns. */
export interface KeyRow extends KeyFacts {
  /** The key, sealed by a wrapping secret; empty if it is revoked. */
  readonly wrapped: Buffer;
}

/** The rows of one ring in the order of their ids, and the store's clock when they were read. */
export interface LoadedKeys {
  readonly rows: readonly KeyRow[];
  readonly now: Date;
}

/** Keeps the rows of managed rings where all processes find them. Every method is one atomic step; a lock is never needed.
 *  A rejection means that the store has failed. `ring` is the name of a ring. */
export interface KeyRowStore {
  /** Name of the kind of store, such as `postgres`. */
  readonly kind: string;
  /** Name of the table, or the prefix of the keys. */
  readonly name: string;
  load(ring: string): Promise<LoadedKeys>;
  /** Creates a row. Resolves to `false` if the ring has a row with this id: another process was first. */
  insert(ring: string, row: KeyRow): Promise<boolean>;
  /** Replaces the row of this id if it is at the version before `row.version`. Resolves to `false` if it is not. */
  update(ring: string, row: KeyRow): Promise<boolean>;
  /** Removes the row of this id if it is at `version`. Resolves to `false` if it is not. */
  remove(ring: string, id: number, version: number): Promise<boolean>;
  /** Returns what the operator should know at every start, once the store is open. */
  warnings?(): readonly string[];
  /** Called once, before the first use. Rejects with a SessionConfigError if the store cannot be used. */
  open?(resolve: ResolveToken, limits?: StoreLimits): Awaitable<void>;
  /** Called once, at shutdown. */
  close?(): Awaitable<void>;
}
