import { createHash } from 'node:crypto';
import type { ResolvedOptions } from '../resolved-options.interface.js';

/** Eight hex digits over everything that has to be equal on servers that share sessions, secrets excepted: ring, salt,
 *  tenant, audience, ciphers, form, cookie and table. A salt is no secret, and does not show. */
export function fingerprintOf({ crypto, cookies, store }: ResolvedOptions): string {
  const { ring, salt, tenant, audience, accepted, format } = crypto;
  const ciphers = accepted.map(({ cipher }) => cipher).toSorted();
  const table = 'name' in store ? store.name : '';
  const names = [cookies.secure?.name ?? '', cookies.plain?.name ?? ''];
  const parts = [
    ring,
    salt,
    tenant,
    audience,
    [...new Set(ciphers)],
    format?.name ?? '',
    names,
    store.kind,
    table,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}
