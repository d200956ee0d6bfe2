import { hintText } from '../crypto/key-hint.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import type { KeyRow, KeyState } from './key-row-store.interface.js';

const STATES: readonly KeyState[] = ['published', 'sealing', 'retiring', 'revoked'];

/** A row as plain values, in the words of its columns. Times are whole milliseconds since 1970, and `wrapped` is base64. */
export interface PlainKeyRow {
  readonly id: number;
  readonly version: number;
  readonly hint: string;
  readonly state: string;
  readonly created_at: number;
  readonly seals_at: number;
  readonly retires_at: number | null;
  readonly drops_at: number | null;
  readonly wrapped: string;
}

export function plainRow(row: KeyRow): PlainKeyRow {
  return {
    id: row.id,
    version: row.version,
    hint: hintText(row.hint),
    state: row.state,
    created_at: row.createdAt.getTime(),
    seals_at: row.sealsAt.getTime(),
    retires_at: row.retiresAt?.getTime() ?? null,
    drops_at: row.dropsAt?.getTime() ?? null,
    wrapped: row.wrapped.toString('base64'),
  };
}

/** Returns a row that was read. Numbers may be texts, as databases return them. Throws a SessionStoreError for a row of another
 *  version of this package, or one that somebody has edited: it must not be read as something else. */
export function readRow(row: Readonly<Record<string, unknown>>): KeyRow {
  const state = STATES.find((one) => one === row['state']);
  const hint = String(row['hint']);
  if (!state || !/^[0-9a-f]{8}$/.test(hint) || typeof row['wrapped'] !== 'string') throw malformed();
  return {
    id: whole(row['id'], 1, MAX_INT4),
    version: whole(row['version'], 1, MAX_INT4),
    hint: Number.parseInt(hint, 16),
    state,
    createdAt: new Date(whole(row['created_at'])),
    sealsAt: new Date(whole(row['seals_at'])),
    retiresAt: optional(row['retires_at']),
    dropsAt: optional(row['drops_at']),
    wrapped: Buffer.from(row['wrapped'], 'base64'),
  };
}

const optional = (value: unknown): Date | undefined =>
  value === null || value === undefined ? undefined : new Date(whole(value));

/** The largest `int4` of Postgres. */
const MAX_INT4 = 2 ** 31 - 1;

/** The latest moment of a Date, in milliseconds since 1970. */
const LATEST = 8.64e15;

function whole(value: unknown, least = 0, most = LATEST): number {
  const number = Number(value ?? NaN);
  if (!Number.isInteger(number) || number < least || number > most) throw malformed();
  return number;
}

const malformed = () => new SessionStoreError('loadKeys', 'malformed');
