import { allRows, hasRows } from '../stores/all-rows.js';
import type { FoundRow } from '../stores/session-store.interface.js';
import type { SessionProfile } from './session-profile.js';

/** Seals every live row anew that is stale, under the same version and with the same clocks, and resolves to the number of
 *  rows. A row that is saved or touched meanwhile is sealed by that. */
export async function resealRows(profile: SessionProfile): Promise<number> {
  const { rows: store } = profile.store;
  let resealed = 0;
  if (hasRows(store)) for await (const row of allRows(store)) if (await resealRow(profile, row)) resealed++;
  return resealed;
}

async function resealRow(profile: SessionProfile, row: FoundRow): Promise<boolean> {
  const { envelope } = profile;
  if (!envelope) return false;
  const { kind, name } = profile.store.rows!;
  const context = profile.envelopeContext('session', kind, name);
  const opened = await envelope.open(row.sealed, context, row.key);
  if (typeof opened === 'string' || !opened.stale) return false;
  const sealed = await envelope.seal(opened.plaintext, context, row.key);
  opened.plaintext.fill(0);
  const current = await profile.store.rows!.load(row.key);
  if (!current?.sealed.equals(row.sealed)) return false; // a touch has sealed it since, with a later clock
  await profile.store.rows!.touch!({ ...row, sealed }, row.version);
  return true;
}
