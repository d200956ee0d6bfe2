import type { KeyRow } from '../stores/key-row-store.interface.js';
import { encodeFacts } from './wrapped-keys.js';

/** What a process knows of the rows that it has read, for as long as it runs. It tells a store that has older rows, as after the
 *  restore of a backup, or after somebody has put rows back. A key that has sealed must not go before a newer one is there, and
 *  a key that was revoked or dropped must not come back. A key that was only published, or a step that is not done any more, does
 *  no harm: a server that fails over may lose such a step, and the plan does it again. */
export class RingMemory {
  private known: readonly KeyRow[] = [];
  /** The greatest id of a key that has sealed. Every key up to it is known, or was dropped. */
  private greatest = 0;
  /** The hints of revoked keys, for ever. */
  private readonly revoked = new Set<number>();

  /** The rows that were opened last. */
  get rows(): readonly KeyRow[] {
    return this.known;
  }

  /** Reports whether rows are those that were read last, in every column. */
  isSame(rows: readonly KeyRow[]): boolean {
    return rows.length === this.known.length && rows.every((row, i) => areSame(row, this.known[i]!));
  }

  /** Remembers rows that were opened. */
  take(rows: readonly KeyRow[]): void {
    this.known = rows;
    for (const { id, hint, state } of rows) {
      if (state === 'revoked') this.revoked.add(hint);
      else if (state !== 'published') this.greatest = Math.max(this.greatest, id);
    }
  }

  /** Returns the rows without those that were dropped, and that a server has again after a failover. The plan drops them again;
   *  meanwhile they open nothing. */
  living(rows: readonly KeyRow[], now: Date): KeyRow[] {
    return rows.filter((row) => !(row.state === 'retiring' && row.dropsAt! <= now && this.isBack(row)));
  }

  /** Returns a sentence if it would do harm to take these rows. */
  faultOf(rows: readonly KeyRow[]): string | undefined {
    const newest = rows.findLast(({ state }) => state !== 'revoked')?.id ?? 0; // anybody can write a revoked row
    const lost = this.known.find((key) => mayHaveSealed(key) && isLost(key, rows, newest));
    if (lost) return faultText(lost, 'has sealed sessions and is missing');
    const living = rows.filter(({ state }) => state !== 'revoked');
    const revived = living.find(({ hint }) => this.revoked.has(hint));
    if (revived) return faultText(revived, 'was revoked and is back');
    const back = living.find((row) => this.isBack(row));
    return back && faultText(back, 'was dropped and is back');
  }

  /** Returns the hints of known keys whose rows are revoked. */
  revokedIn(rows: readonly KeyRow[]): number[] {
    const revoked = rows.filter((row) => row.state === 'revoked' && this.has(row));
    return revoked.map(({ hint }) => hint);
  }

  private isBack(row: KeyRow): boolean {
    return row.id <= this.greatest && !this.has(row);
  }

  private has({ id, hint }: KeyRow): boolean {
    return this.known.some((key) => key.id === id && key.hint === hint);
  }
}

/** True for a key that seals or has sealed, and for one that was retired before: its row does not say it in a way that must be
 *  believed. */
const mayHaveSealed = ({ state }: KeyRow) => state === 'sealing' || state === 'retiring';

/** The newest row is never removed, and no row becomes another key. */
function isLost(key: KeyRow, rows: readonly KeyRow[], newest: number): boolean {
  const row = rows.find(({ id }) => id === key.id);
  return row ? row.hint !== key.hint : key.id > newest;
}

const areSame = (a: KeyRow, b: KeyRow): boolean =>
  a.wrapped.equals(b.wrapped) && encodeFacts(a).equals(encodeFacts(b));

const faultText = ({ id }: KeyRow, what: string): string =>
  `the store has older rows than this process has read: key ${id} ${what}; was a backup restored, or were rows deleted? ` +
  'Restart all processes to take the rows that are there (docs/keys.md, "Disasters")';
