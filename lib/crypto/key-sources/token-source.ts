import { kindOf } from '../../errors/session-config.error.js';
import type { KeySource } from '../key-source.interface.js';
import { secretBytes } from '../secret.js';
import { literalSource } from './literal-source.js';

/** The name of a key inside a token. It is no secret; the driver looks the key up when the ring is made. */
export function tokenSource(path: string, reference: unknown): KeySource | string {
  if (typeof reference !== 'string' || !reference)
    return `.key is ${kindOf(reference)}; allowed is the name of a key in a token: "label=sessions" or "id=0a1b"`;
  return literalSource(path, () => ({ kind: 'token', bytes: secretBytes(reference), path: `${path}.key` }));
}
