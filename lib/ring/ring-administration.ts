import { SessionStateError } from '../errors/session-state.error.js';
import { hintText } from '../crypto/key-hint.js';
import type { KeyRow, KeyState, LoadedKeys } from '../stores/key-row-store.interface.js';
import type { ManagedKeys } from './managed-keys.js';
import { later, nextId, scheduleOf, sealingKey, SETTLED_AFTER, type RingRules } from './ring-plan.js';
import type { RingRows } from './ring-rows.js';

/** A key as a person sees it. It holds no key bytes. All times are the store's. */
export interface KeyInfo {
  /** The number by which the key is promoted, retired or revoked. */
  readonly id: number;
  /** The key hint, eight hexadecimal digits: bytes 1 to 4 of every value that the key has sealed. */
  readonly hint: string;
  readonly state: KeyState;
  /** When it was made and published. */
  readonly createdAt: Date;
  /** When it begins to seal, or when it began. */
  readonly sealsAt: Date;
  /** When it stops sealing, as far as is known now, or when it stopped. */
  readonly retiresAt: Date;
  /** When its row is removed, as far as is known now. */
  readonly dropsAt: Date;
  /** Cookies and rows that it has opened in this process since the start; `undefined` if the process does not hold it. */
  readonly opens: number | undefined;
}

/** What a person does with a managed ring. */
export class RingAdministration {
  constructor(private readonly keys: ManagedKeys) {}

  async list(): Promise<KeyInfo[]> {
    const { rows } = await this.keys.load();
    const { ring } = this.keys;
    const opens = (row: KeyRow) => ring.find(row.hint)?.opens.total;
    return keyInfos(rows, this.keys.rules, opens);
  }

  /** Makes a key now. It is published, and seals when {@link RingRules.publishLead} has passed. */
  async add(): Promise<KeyInfo> {
    let id = 0;
    await this.keys.change((rows, loaded) => {
      id = nextId(loaded.rows);
      return rows.make(id, later(loaded.now, this.keys.rules.publishLead), loaded);
    });
    return this.info(id);
  }

  /** Lets a published key seal as soon as every process knows it: two minutes after it was published. */
  async promote(id: number): Promise<KeyInfo> {
    await this.keys.change(async (rows, { rows: found, now }) => {
      const row = keyOf(id, found);
      if (row.state === 'sealing') return true;
      if (row.state !== 'published')
        throw stateFault(`Key ${id} is ${row.state}, and only a published key can be promoted`);
      return rows.change(row, { sealsAt: soonest(row, now) });
    });
    return this.info(id);
  }

  /** Lets a key only open. The key that seals first gets a successor: the next published key, or a new one. No session
   *  ends. */
  async retire(id: number): Promise<KeyInfo> {
    await this.keys.change(async (rows, loaded) => {
      const { rows: found, now } = loaded;
      const row = keyOf(id, found);
      if (row.state === 'retiring' || row.state === 'revoked') return true;
      if (row === sealingKey(found)) return hastenSuccessor(rows, row, loaded);
      return rows.change(row, {
        state: 'retiring',
        retiresAt: now,
        dropsAt: later(now, this.keys.rules.keep),
      });
    });
    return this.info(id);
  }

  /** Destroys a key: every session that it has sealed ends, within a minute on every server. */
  async revoke(id: number): Promise<KeyInfo> {
    await this.keys.change(async (rows, { rows: found, now }) => {
      const row = keyOf(id, found);
      return row.state === 'revoked' || rows.revoke(row, now, this.keys.rules.keep);
    });
    return this.info(id);
  }

  private async info(id: number): Promise<KeyInfo> {
    const found = (await this.list()).find((one) => one.id === id);
    if (!found) throw missing(id);
    return found;
  }
}

/** Returns the rows of a ring as a person sees them. */
export function keyInfos(
  rows: readonly KeyRow[],
  rules: RingRules,
  opens: (row: KeyRow) => number | undefined = () => undefined,
): KeyInfo[] {
  return rows.map((row) => {
    const { id, hint, state, createdAt, sealsAt } = row;
    const times = { createdAt, sealsAt, ...scheduleOf(row, rows, rules) };
    return { id, hint: hintText(hint), state, ...times, opens: opens(row) };
  });
}

/** Lets the successor of the sealing key seal as soon as every process knows it. The plan then retires the key. */
function hastenSuccessor(rows: RingRows, { id }: KeyRow, loaded: LoadedKeys): Promise<boolean> {
  const { rows: found, now } = loaded;
  const next = found.find((one) => one.state === 'published' && one.id > id);
  if (!next) return rows.make(nextId(found), later(now, SETTLED_AFTER), loaded);
  return rows.change(next, { sealsAt: soonest(next, now) });
}

/** The soonest moment at which every process knows a key. */
function soonest({ createdAt }: KeyRow, now: Date): Date {
  const settled = later(createdAt, SETTLED_AFTER);
  return settled > now ? settled : now;
}

/** Returns the row of a key. Throws a SessionStateError if there is none. */
export function keyOf(id: number, rows: readonly KeyRow[]): KeyRow {
  const row = rows.find((one) => one.id === id);
  if (!row) throw missing(id, rows);
  return row;
}

function missing(id: number, rows: readonly KeyRow[] = []): SessionStateError {
  const there = rows.map((one) => one.id).join(', ');
  return stateFault(`The ring has no key ${String(id).slice(0, 20)}${there && `; there are ${there}`}`);
}

const stateFault = (message: string) => new SessionStateError('ERR_SESSION_KEY', message);
