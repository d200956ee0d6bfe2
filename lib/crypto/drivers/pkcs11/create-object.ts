import { CKA, CKO_SECRET_KEY } from './constants.js';
import { OBJECT_USES, type ObjectUse } from './mechanisms.js';
import type { Attribute } from './template.js';
import type { TokenSession } from './token-session.js';

/** HMAC fills a short key up with zeros (RFC 2104 §2), and some tokens want as many bytes as the hash has. */
const MAC_KEY_LENGTH = 64;

/** An object of this session alone, which cannot be read out. */
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
