import { SessionConfigError } from '../../errors/session-config.error.js';
import type { KeySource } from '../key-source.interface.js';
import type { Secret, SecretFault } from '../secret.js';

/** A secret that stands in the options. `read` gives a fresh copy each time; the literal itself can't be wiped. */
export function literalSource(path: string, read: () => Secret | SecretFault): KeySource {
  return {
    path,
    reloads: false,
    async read() {
      const secret = read();
      if (typeof secret === 'string') throw new SessionConfigError([{ path, message: secret }]);
      return [secret];
    },
  };
}
