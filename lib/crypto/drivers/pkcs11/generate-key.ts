import { CKA, CKK, CKM, CKO_SECRET_KEY } from './constants.js';
import { ParamFault } from './param.fault.js';
import type { TokenSession } from './token-session.js';

/** As many bytes as SHA-512 gives: the strongest HMAC key, and one that every token takes. */
const KEY_LENGTH = 64;
const MAX_LABEL = 255;

/** Makes a key in a session that may write, and gives its name for `crypto.secrets`. */
export function generateKey(session: TokenSession, label: string): string {
  const bytes = Buffer.from(label);
  if (!bytes.length || bytes.length > MAX_LABEL)
    throw new ParamFault('key', `a label has 1 to ${MAX_LABEL} bytes`, 'key name');
  const name = `label=${label}`;
  if (
    session.find([
      [CKA.CLASS, CKO_SECRET_KEY],
      [CKA.TOKEN, true],
      [CKA.LABEL, bytes],
    ]).length
  )
    throw new ParamFault('key', `the token has a secret key "${name}" already`, 'key exists');
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
