import type { SessionEngine } from './session-engine.js';
import type { FoundRow } from '../stores/session-store.interface.js';

const BATCH = 500;

/** Seals every live row anew that is stale, under the same version and with the same clocks; says how many. A row that
 *  is saved meanwhile is sealed by that save. */
export async function resealRows(engine: SessionEngine): Promise<number> {
  let resealed = 0;
  let after: Buffer | undefined;
  for (;;) {
    const rows = await engine.store!.scan!(after, BATCH);
    for (const row of rows) if (await resealRow(engine, row)) resealed++;
    after = rows.at(-1)?.key;
    if (rows.length < BATCH) return resealed;
  }
}

async function resealRow({ envelope, rowContext, store }: SessionEngine, row: FoundRow): Promise<boolean> {
  if (!envelope) return false;
  const opened = await envelope.open(row.sealed, rowContext, row.key);
  if (typeof opened === 'string' || !opened.stale) return false;
  const sealed = await envelope.seal(opened.plaintext, rowContext, row.key);
  opened.plaintext.fill(0);
  await store!.touch!({ ...row, sealed }, row.version);
  return true;
}
