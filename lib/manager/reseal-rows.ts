import { decodeBase64url, encodeBase64url } from '../envelope/base64url.js';
import type { EnvelopeContext } from '../envelope/envelope-context.js';
import type { Envelope } from '../envelope/envelope.js';
import { SessionConfigError } from '../errors/session-config.error.js';
import { convertedContext } from '../persistence/converted-rows.js';
import type { MonitoredStore } from '../persistence/monitored.store.js';
import { hasRows, pagesOf } from '../stores/all-rows.js';
import type { FoundRow } from '../stores/session-store.interface.js';
import type { SessionProfile } from './session-profile.js';

/** How sessions are sealed anew. */
export interface ResealOptions {
  /** Sessions that are read in one step. @default 500 */
  readonly batch?: number;
  /** The mark of an earlier call, behind which this one goes on. */
  readonly after?: string;
  /** Called after each batch. What it throws ends the call; the mark says where to go on. */
  readonly onProgress?: (progress: ResealProgress) => void;
}

export interface ResealProgress {
  /** Sessions that were read. */
  readonly read: number;
  /** Sessions that were sealed anew. */
  readonly resealed: number;
  /** The place behind the last session that was read. In a store without an order, such as Redis, it is the beginning:
   *  sessions that are sealed by the first key are read again, and nothing else is done with them. */
  readonly mark: string;
}

/** Seals every live row of all profiles anew that is stale, under the same version and with the same clocks. A row that is saved or
 *  touched meanwhile is sealed by that. Resolves to the number of rows that were sealed anew. Throws a SessionConfigError for a
 *  mark that is none. */
export async function resealRows(
  profiles: readonly SessionProfile[],
  { batch, after, onProgress }: ResealOptions,
): Promise<number> {
  const start = readMark(after, profiles.length);
  let [read, resealed] = [0, 0];
  for (let i = start.profile; i < profiles.length; i++) {
    const { rows } = profiles[i]!.store;
    if (!hasRows(rows)) continue;
    for await (const page of pagesOf(rows, batch, i === start.profile ? start.key : undefined)) {
      for (const row of page) if (await resealRow(profiles[i]!, row)) resealed++;
      read += page.length;
      onProgress?.({ read, resealed, mark: markOf(i, rows.scan && page.at(-1)?.key) });
    }
  }
  return resealed;
}

const markOf = (profile: number, key: Buffer | undefined): string =>
  `${profile}.${key ? encodeBase64url(key) : ''}`;

function readMark(mark: string | undefined, profiles: number): { profile: number; key: Buffer | undefined } {
  if (mark === undefined) return { profile: 0, key: undefined };
  const [, number, text = ''] = /^(\d{1,4})\.([\w-]*)$/.exec(mark) ?? [];
  const key = text ? decodeBase64url(text) : undefined;
  if (number !== undefined && Number(number) < profiles && Boolean(text) === Boolean(key))
    return { profile: Number(number), key };
  throw new SessionConfigError([
    { path: 'reseal() after', message: 'is no mark of these sessions; take the mark that onProgress got' },
  ]);
}

/** A row holds a session, or one that `session-crypto convert` has stored. */
async function resealRow(profile: SessionProfile, row: FoundRow): Promise<boolean> {
  const { envelope } = profile;
  if (!envelope) return false;
  const { kind, name } = profile.store.rows!;
  const context = profile.envelopeContext('session', kind, name);
  return (
    (await resealAs(context, envelope, profile.store.rows!, row)) ||
    resealAs(convertedContext(context), envelope, profile.store.rows!, row)
  );
}

async function resealAs(
  context: EnvelopeContext,
  envelope: Envelope,
  rows: MonitoredStore,
  row: FoundRow,
): Promise<boolean> {
  const opened = await envelope.open(row.sealed, context, row.key);
  if (typeof opened === 'string' || !opened.stale) return false;
  const sealed = await envelope.seal(opened.plaintext, context, row.key);
  opened.plaintext.fill(0);
  return (await rows.touch!({ ...row, sealed }, row.version)) !== false;
}
