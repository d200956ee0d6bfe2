import { createHash } from 'node:crypto';
import type { MigratedFormat, SessionFormat } from '../../persistence/session-format.interface.js';
import { isCookieStore, isForeignStore } from '../store-kind.js';
import type { RevocationSource } from '../../stores/revocation.js';
import type { ResolvedOptions } from '../resolved-options.interface.js';

/** Returns eight hex digits: the start of a SHA-256 over everything except secrets that must be equal on servers that
 *  share sessions. That is key ring, salt, tenant, audience, ciphers, formats with their parameters, cookie names, store, table
 *  and form of foreign ids, for the base options and for each context. The hash hides the salt, although a salt is no secret. */
export function fingerprintOf({ contexts, ...base }: ResolvedOptions): string {
  const parts = [
    partsOf(base),
    ...contexts.map(({ host, path, options }) => [host.toSorted(), path, partsOf(options)]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}

type OptionSet = Omit<ResolvedOptions, 'contexts'>;

function partsOf({ crypto, cookies, store, id, scope }: OptionSet): unknown[] {
  if (!scope.enabled) return [];
  const { ring, managed, salt, tenant, audience, accepted, format, accept } = crypto;
  return [
    ring,
    salt,
    tenant,
    audience,
    [...new Set(accepted.map(({ cipher }) => cipher))].toSorted(),
    format ? formatParts(format) : '',
    accept.map(formatParts),
    [cookies.secure?.name ?? '', cookies.plain?.name ?? ''],
    store.kind,
    'name' in store ? store.name : '',
    'equalParameters' in store ? store.equalParameters : [],
    isCookieStore(store) && store.options.revocation ? revocationParts(store.options.revocation) : [],
    ...(managed ? [managed.store.kind, managed.store.name] : []),
    isForeignStore(store) && store.idBits ? [id.length, id.bitsPerCharacter] : [],
  ];
}

const revocationParts = ({ store, generations }: RevocationSource): unknown[] => [
  store.kind,
  store.name,
  store.equalParameters ?? [],
  generations,
];

const formatParts = ({ name, equalParameters = [] }: SessionFormat | MigratedFormat): unknown[] => [
  name,
  equalParameters,
];
