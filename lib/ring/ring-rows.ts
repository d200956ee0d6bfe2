import { randomFillSync } from 'node:crypto';
import { RAW_KEY_LENGTH } from '../crypto/secret.js';
import { SessionConfigError } from '../errors/session-config.error.js';
import type {
  KeyFacts,
  KeyRow,
  KeyRowStore,
  KeyState,
  LoadedKeys,
} from '../stores/key-row-store.interface.js';
import { later } from './ring-plan.js';
import { unwrapFault, type UnwrappedKey, type WrappedKeys } from './wrapped-keys.js';

/** The columns of a row that change in its life. */
export type KeyChange = Partial<Pick<KeyFacts, 'state' | 'sealsAt' | 'retiresAt' | 'dropsAt'>>;

export interface RingRowsParts {
  readonly store: KeyRowStore;
  /** The name of the ring. */
  readonly ring: string;
  readonly wrapping: WrappedKeys;
  /** Returns the key hint of 32 key bytes, which stay the caller's. */
  readonly hintOf: (bytes: Buffer) => Promise<number>;
  /** Returns the hints of the secrets that are there, for messages. */
  readonly secretHints: () => readonly number[];
  /** Called when this process has made a key, or has changed its state. */
  readonly changed: (hint: number, state: KeyState | 'dropped') => void;
}

/** A row whose key is unwrapped. */
export interface OpenedRow {
  readonly row: KeyRow;
  readonly key: UnwrappedKey;
}

/** Reads and changes the rows of one ring. Each change is one guarded write, which resolves to `false` if another process was
 *  first; whoever asked reads the rows again. Key bytes exist only within a method, and are wiped at its end. */
export class RingRows {
  constructor(private readonly parts: RingRowsParts) {}

  load(): Promise<LoadedKeys> {
    return this.parts.store.load(this.parts.ring);
  }

  /** Creates a key that seals from `sealsAt` on. */
  async make(id: number, sealsAt: Date, { rows, now }: LoadedKeys): Promise<boolean> {
    const { store, ring, wrapping } = this.parts;
    const { bytes, hint } = await this.newKey(rows);
    const state = sealsAt <= now ? 'sealing' : 'published';
    const times = { createdAt: now, sealsAt, retiresAt: undefined, dropsAt: undefined };
    try {
      const row = await wrapping.wrap(bytes, { id, version: 1, hint, state, ...times });
      return this.report((await store.insert(ring, row)) || (await this.isStored(row)), row);
    } finally {
      bytes.fill(0);
    }
  }

  /** Changes columns, and wraps the key anew, since it is bound to them. */
  async change(row: KeyRow, change: KeyChange): Promise<boolean> {
    const { store, ring, wrapping } = this.parts;
    const { bytes } = await this.unwrap(row);
    try {
      const changed = await wrapping.wrap(bytes, { ...row, ...change, version: row.version + 1 });
      const done = (await store.update(ring, changed)) || (await this.isStored(changed));
      return this.report(done, changed, row.state);
    } finally {
      bytes.fill(0);
    }
  }

  /** Destroys a key. Its row stays for `keep` seconds, so that a person sees what became of it. */
  async revoke(row: KeyRow, now: Date, keep: number): Promise<boolean> {
    const { store, ring } = this.parts;
    const revoked = revokedRow(row, now, keep);
    return this.report((await store.update(ring, revoked)) || (await this.isStored(revoked)), revoked);
  }

  async drop({ id, version, hint }: KeyFacts): Promise<boolean> {
    const { store, ring, changed } = this.parts;
    const done = await store.remove(ring, id, version);
    if (done) changed(hint, 'dropped');
    return done;
  }

  /** Opens all rows that are not revoked. Rejects with a SessionConfigError that names every row that does not open, and the
   *  secret that is missing. The caller wipes the bytes. */
  async unwrapAll(rows: readonly KeyRow[]): Promise<OpenedRow[]> {
    const opened: OpenedRow[] = [];
    try {
      const faults = await this.unwrapInto(opened, rows);
      if (faults.length)
        throw new SessionConfigError(faults.map((message) => ({ path: 'crypto.ring', message })));
      return opened;
    } catch (error) {
      for (const { key } of opened) key.bytes.fill(0);
      throw error;
    }
  }

  private async unwrapInto(opened: OpenedRow[], rows: readonly KeyRow[]) {
    const { wrapping, secretHints } = this.parts;
    const faults: string[] = [];
    for (const row of rows) {
      const key = row.state === 'revoked' ? undefined : await wrapping.unwrap(row);
      if (typeof key === 'string') faults.push(unwrapFault(row, key, secretHints()));
      else if (key) opened.push({ row, key });
    }
    return faults;
  }

  private async unwrap(row: KeyRow): Promise<UnwrappedKey> {
    const [opened] = await this.unwrapAll([row]);
    return opened!.key;
  }

  /** Draws a key whose hint no other key of the ring has. */
  private async newKey(rows: readonly KeyRow[]): Promise<{ bytes: Buffer; hint: number }> {
    for (;;) {
      const bytes = randomFillSync(Buffer.allocUnsafeSlow(RAW_KEY_LENGTH));
      const hint = await this.parts.hintOf(bytes).catch((error: unknown) => {
        bytes.fill(0);
        throw error;
      });
      if (!rows.some((row) => row.hint === hint)) return { bytes, hint };
      bytes.fill(0);
    }
  }

  /** True if the ring has this row. A write whose answer was lost runs once more, and then its own row is in its way. Each
   *  wrapping is random, and a revoked row has its moment, so hardly another process has made the same row. */
  private async isStored({ id, version, wrapped, dropsAt }: KeyRow): Promise<boolean> {
    const { rows } = await this.load();
    const row = rows.find((one) => one.id === id);
    return (
      row?.version === version && row.wrapped.equals(wrapped) && row.dropsAt?.getTime() === dropsAt?.getTime()
    );
  }

  private report(done: boolean, { hint, state }: KeyRow, before?: KeyState): boolean {
    if (done && state !== before) this.parts.changed(hint, state);
    return done;
  }
}

/** Returns the row of a key after its revocation: without its bytes. */
export const revokedRow = (row: KeyRow, now: Date, keep: number): KeyRow => ({
  ...row,
  version: row.version + 1,
  state: 'revoked',
  retiresAt: row.retiresAt ?? now,
  dropsAt: later(now, keep),
  wrapped: Buffer.alloc(0),
});
