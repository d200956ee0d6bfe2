import { testExpand } from '../../self-test.js';
import { CKA, CKK, CKO_SECRET_KEY } from './constants.js';
import { CryptokiError } from './cryptoki.error.js';
import { expandIn } from './expand.js';
import type { TokenSession } from './token-session.js';

/** Bytes that the test key is filled up to with zeros. HMAC does the same with a short key (RFC 2104 §2), and some tokens
 *  refuse a key shorter than the hash. */
const KEY_LENGTH = 64;

/** Tests the HMAC of a token against the known answer, with a public key that is created in the session for this purpose.
 *  Returns a sentence about a wrong result, or `undefined` if all is well, or if the token lets nobody create keys from
 *  bytes: its keys cannot be known, so its results cannot be checked. */
export async function testHmac(session: TokenSession): Promise<string | undefined> {
  const key = { object: 0n };
  const importKey = (bytes: Uint8Array) => {
    key.object = createKey(session, bytes);
    return key;
  };
  const expand = (_key: object, info: Uint8Array, length: number) =>
    expandIn(session, key.object, info, length);
  try {
    return await testExpand({ importKey, expand });
  } catch (error) {
    if (error instanceof CryptokiError && error.call === 'C_CreateObject') return undefined;
    return `it threw (${error instanceof CryptokiError ? error.code : 'wrong length'})`;
  } finally {
    if (key.object) destroyQuietly(session, key.object);
  }
}

/** The object belongs to this session alone and disappears with it (CKA_TOKEN false). */
function createKey(session: TokenSession, bytes: Uint8Array): bigint {
  const value = Buffer.alloc(KEY_LENGTH);
  value.set(bytes);
  return session.create([
    [CKA.CLASS, CKO_SECRET_KEY],
    [CKA.KEY_TYPE, CKK.GENERIC_SECRET],
    [CKA.TOKEN, false],
    [CKA.PRIVATE, true],
    [CKA.SENSITIVE, true],
    [CKA.EXTRACTABLE, false],
    [CKA.SIGN, true],
    [CKA.VALUE, value],
  ]);
}

function destroyQuietly(session: TokenSession, object: bigint): void {
  try {
    session.destroy(object);
  } catch (error) {
    if (!(error instanceof CryptokiError)) throw error; // the object disappears with its session
  }
}
