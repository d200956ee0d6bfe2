import { SessionConfigError } from '../../errors/session-config.error.js';
import type { KeySource } from '../key-source.interface.js';
import type { Secret, SecretFault } from '../secret.js';

/** Returns the source of a secret that is written in the options. `read` returns a new copy each time, which the ring
 *  wipes. The literal itself cannot be wiped. */
export function literalSource(path: string, read: () => Secret | SecretFault): KeySource {
  return {
    path,
    kind: 'literal',
    reloads: false,
    async read() {
      const secret = read();
      if (typeof secret === 'string') throw new SessionConfigError([{ path, message: secret }]);
      return [secret];
    },
  };
}
