import { createHash } from 'node:crypto';
import type { ResolvedOptions } from '../resolved-options.interface.js';

/** Returns eight hex digits: the start of a SHA-256 over everything except secrets that must be equal on servers that
 *  share sessions. That is key ring, salt, tenant, audience, ciphers, format, cookie names, store and table. The hash
 *  hides the salt, although a salt is no secret. */
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
