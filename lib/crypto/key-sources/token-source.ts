import { kindOf } from '../../errors/session-config.error.js';
import type { KeySource } from '../key-source.interface.js';
import { secretBytes } from '../secret.js';
import { literalSource } from './literal-source.js';

/** Returns the source of `{ key }`, a reference to a key inside a token, or a sentence about what is wrong. The reference is
 *  not secret. The driver finds the key when the ring is made. */
export function tokenSource(path: string, reference: unknown): KeySource | string {
  if (typeof reference !== 'string' || !reference)
    return `.key is ${kindOf(reference)}; allowed is a reference to a key in a token: "label=sessions" or "id=0a1b"`;
  return {
    ...literalSource(path, () => ({ kind: 'token', bytes: secretBytes(reference), path: `${path}.key` })),
    kind: 'token',
  };
}
