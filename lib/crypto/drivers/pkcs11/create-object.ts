import { CKA, CKO_SECRET_KEY } from './constants.js';
import { OBJECT_USES, type ObjectUse } from './mechanisms.js';
import type { Attribute } from './template.js';
import type { TokenSession } from './token-session.js';

/** Bytes that a MAC key is filled up to with zeros. HMAC does the same with a short key (RFC 2104 §2), so the result does
 *  not change, and some tokens refuse a key shorter than the hash. */
const MAC_KEY_LENGTH = 64;

/** Creates a key object in the token and returns its handle. The object belongs to this session alone and disappears with
 *  it (CKA_TOKEN false). Nobody can read it out: it is sensitive and not extractable (PKCS #11 v2.40 §4.9). */
export function createObject(session: TokenSession, use: ObjectUse, bytes: Uint8Array): bigint {
  const may: Attribute[] =
    use === 'mac'
      ? [[CKA.SIGN, true]]
      : [
          [CKA.ENCRYPT, true],
          [CKA.DECRYPT, true],
        ];
  const value = use === 'mac' ? filledUp(bytes) : bytes;
  try {
    return session.create([
      [CKA.CLASS, CKO_SECRET_KEY],
      [CKA.KEY_TYPE, OBJECT_USES[use].type],
      [CKA.TOKEN, false],
      [CKA.PRIVATE, true],
      [CKA.SENSITIVE, true],
      [CKA.EXTRACTABLE, false],
      ...may,
      [CKA.VALUE, value],
    ]);
  } finally {
    if (value !== bytes) value.fill(0);
  }
}

function filledUp(bytes: Uint8Array): Buffer {
  const value = Buffer.alloc(Math.max(MAC_KEY_LENGTH, bytes.length));
  value.set(bytes);
  return value;
}
