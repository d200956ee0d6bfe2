import { CKA, CKK, CKM, CKO_SECRET_KEY } from './constants.js';
import { ParamFault } from './param.fault.js';
import type { TokenSession } from './token-session.js';

/** Bytes of a SHA-512 hash. A longer HMAC key adds no strength, and every token accepts this length. */
const KEY_LENGTH = 64;
const MAX_LABEL = 255;

/** Generates a key inside the token and returns its reference for `crypto.secrets`, `label=…`. The key stays in the token
 *  (CKA_TOKEN) and cannot be read out. `session` must be allowed to write.
 *
 *  Throws a ParamFault if the label is not 1 to 255 bytes long or if the token already has a secret key with it: two keys
 *  of one label could not be told apart. */
export function generateKey(session: TokenSession, label: string): string {
  const bytes = Buffer.from(label);
  if (!bytes.length || bytes.length > MAX_LABEL)
    throw new ParamFault('key', `has ${bytes.length} bytes; a label has 1 to ${MAX_LABEL}`, 'key name');
  const name = `label=${label}`;
  if (hasKey(session, bytes))
    throw new ParamFault(
      'key',
      `the token has a secret key "${name}" already; choose another label`,
      'key exists',
    );
  session.generate(CKM.GENERIC_SECRET_KEY_GEN, [
    [CKA.CLASS, CKO_SECRET_KEY],
    [CKA.KEY_TYPE, CKK.GENERIC_SECRET],
    [CKA.TOKEN, true],
    [CKA.PRIVATE, true],
    [CKA.SENSITIVE, true],
    [CKA.EXTRACTABLE, false],
    [CKA.SIGN, true],
    [CKA.VALUE_LEN, KEY_LENGTH],
    [CKA.LABEL, bytes],
  ]);
  return name;
}

function hasKey(session: TokenSession, label: Uint8Array): boolean {
  const found = session.find([
    [CKA.CLASS, CKO_SECRET_KEY],
    [CKA.TOKEN, true],
    [CKA.LABEL, label],
  ]);
  return found.length > 0;
}
