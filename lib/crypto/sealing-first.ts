import { SessionConfigError } from '../errors/session-config.error.js';
import type { Secret } from './secret.js';

/** Returns the secrets in their order, those that are `retiring` behind the others. A retiring first key would seal, and what it
 *  seals would be stale at once: each read would seal it anew. Throws a SessionConfigError at `path` if all are retiring. */
export function sealingFirst(secrets: readonly Secret[], path: string): Secret[] {
  const isRetiring = ({ state }: Secret) => state === 'retiring';
  if (secrets.every(isRetiring)) throw new SessionConfigError([{ path, message: ALL_RETIRING }]);
  return [...secrets.filter((one) => !isRetiring(one)), ...secrets.filter(isRetiring)];
}

const ALL_RETIRING =
  'every secret that the sources gave is retiring, and a retiring secret seals nothing; give one without a state';
