import { SessionConfigError } from '../../errors/session-config.error.js';
import { resolveAudited, type AuditedOptions } from '../../options/audit/audit-options.js';
import { longestNeed, rulesOf, type ResolvedRing } from '../../options/resolve-ring.js';
import type { RingRules } from '../../ring/ring-plan.js';
import { keyInfos, keyOf, type KeyInfo } from '../../ring/ring-administration.js';
import { revokedRow } from '../../ring/ring-rows.js';
import { SessionStoreError } from '../../errors/session-store.error.js';

/** Resolves to the keys of the ring as their rows say. No key is unwrapped. */
export const listKeys = (options: AuditedOptions): Promise<KeyInfo[]> =>
  withRing(options, async (ring, { store }, rules) => keyInfos((await store.load(ring)).rows, rules));

/** Destroys a key, and resolves to all keys. No key is unwrapped. The processes follow within a minute, and give the ring another
 *  sealing key if it has none now. */
export const revokeKey = (options: AuditedOptions, id: number): Promise<KeyInfo[]> =>
  withRing(options, async (ring, { store }, rules) => {
    for (let tries = 0; tries < 10; tries++) {
      const { rows, now } = await store.load(ring);
      const row = keyOf(id, rows);
      if (row.state === 'revoked' || (await store.update(ring, revokedRow(row, now, rules.keep))))
        return keyInfos((await store.load(ring)).rows, rules);
    }
    throw new SessionStoreError('revokeKey', 'conflict');
  });

async function withRing<R>(
  given: AuditedOptions,
  work: (ring: string, managed: ResolvedRing, rules: RingRules) => Promise<R>,
): Promise<R> {
  const options = resolveAudited(given);
  const { ring, managed } = options.crypto;
  if (!managed)
    throw new SessionConfigError([
      { path: 'crypto.ring', message: 'is not managed; write crypto.ring: managedRing({ store })' },
    ]);
  await managed.store.open?.(nothing);
  try {
    return await work(ring, managed, rulesOf(managed, longestNeed(options)));
  } finally {
    await managed.store.close?.();
  }
}

/** No application runs here, so no provider is known. */
const nothing = (): never => {
  throw new Error('no provider is known here');
};
