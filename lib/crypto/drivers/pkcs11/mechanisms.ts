import { NONCE_LENGTH, TAG_LENGTH, type Suite } from '../../suites.js';
import type { CbcCipher } from '../../cbc-ciphers.js';
import { CKK, CKM } from './constants.js';
import { SCRATCH, type Cryptoki } from './cryptoki.js';
import type { Mechanism } from './token-session.js';

/** The kind of key object: an HMAC key, or a key of one cipher family. */
export type ObjectUse = 'mac' | 'aes' | 'chacha20' | 'des3';

/** The key type (CKK_…) of each kind of object, and the lengths that a cipher key may have. */
export const OBJECT_USES: Readonly<
  Record<ObjectUse, { readonly type: number; readonly lengths: readonly number[] }>
> = {
  mac: { type: CKK.GENERIC_SECRET, lengths: [] },
  aes: { type: CKK.AES, lengths: [16, 24, 32] },
  chacha20: { type: CKK.CHACHA20, lengths: [32] },
  des3: { type: CKK.DES3, lengths: [24] },
};

/** The mechanism, key kind and parameter of one suite of the native format. */
interface SuiteRow {
  readonly mechanism: number;
  readonly use: ObjectUse;
  /** Writes the mechanism's parameter into the scratch memory, for the nonce that is already there. Returns the bytes of
   *  the parameter. */
  parameter(cryptoki: Cryptoki): number;
}

/** CK_GCM_PARAMS (v2.40, Errata 01), 6 words: pIv, ulIvLen, ulIvBits, pAAD (null), ulAADLen (0), ulTagBits. */
const GCM: SuiteRow = {
  mechanism: CKM.AES_GCM,
  use: 'aes',
  parameter({ memory }) {
    const iv = memory.at(SCRATCH.iv);
    memory.write(SCRATCH.parameter, iv, NONCE_LENGTH, NONCE_LENGTH * 8, 0, 0, TAG_LENGTH * 8);
    return 48;
  },
};

/** CK_SALSA20_CHACHA20_POLY1305_PARAMS (v3.0), 4 words: pNonce, ulNonceLen, pAAD (null), ulAADLen (0). */
const CHACHA20: SuiteRow = {
  mechanism: CKM.CHACHA20_POLY1305,
  use: 'chacha20',
  parameter({ memory }) {
    memory.write(SCRATCH.parameter, memory.at(SCRATCH.iv), NONCE_LENGTH, 0, 0);
    return 32;
  },
};

/** The suites by their names in `crypto.cipher`. */
export const SUITE_ROWS: ReadonlyMap<string, SuiteRow> = new Map([
  ['aes256', GCM],
  ['aes128', GCM],
  ['chacha20', CHACHA20],
]);

/** The mechanism and key kind of one cipher of the Apache format. */
interface CbcRow {
  readonly mechanism: number;
  readonly use: ObjectUse;
}

const AES_CBC: CbcRow = { mechanism: CKM.AES_CBC, use: 'aes' };
/** The ciphers of the Apache format by their names in `SessionCryptoCipher`. */
export const CBC_ROWS: Readonly<Record<CbcCipher['name'], CbcRow>> = {
  '3des192': { mechanism: CKM.DES3_CBC, use: 'des3' },
  aes128: AES_CBC,
  aes192: AES_CBC,
  aes256: AES_CBC,
};

/** Writes a suite's nonce and parameter into the scratch memory and returns the mechanism. Throws a RangeError unless the
 *  nonce has 12 bytes. */
export function aeadMechanism(cryptoki: Cryptoki, suite: Suite, nonce: Uint8Array): Mechanism {
  if (nonce.length !== NONCE_LENGTH)
    throw new RangeError(`the nonce has ${nonce.length} bytes; 12 are needed`);
  cryptoki.memory.bytes.set(nonce, SCRATCH.iv);
  const row = SUITE_ROWS.get(suite.cipher)!;
  return { type: row.mechanism, parameter: SCRATCH.parameter, length: row.parameter(cryptoki) };
}

/** Writes an IV into the scratch memory and returns the mechanism. Throws a RangeError unless the IV has the length of a
 *  block. */
export function cbcMechanism(cryptoki: Cryptoki, cipher: CbcCipher, iv: Uint8Array): Mechanism {
  if (iv.length !== cipher.block)
    throw new RangeError(`the IV has ${iv.length} bytes; ${cipher.block} are needed`);
  cryptoki.memory.bytes.set(iv, SCRATCH.iv);
  return { type: CBC_ROWS[cipher.name].mechanism, parameter: SCRATCH.iv, length: cipher.block };
}

/** Returns the kinds of cipher keys that a token with these mechanisms can use. */
export function usesOf(mechanisms: ReadonlySet<number>): ReadonlySet<ObjectUse> {
  const rows = [...SUITE_ROWS.values(), ...Object.values(CBC_ROWS)];
  return new Set(rows.filter(({ mechanism }) => mechanisms.has(mechanism)).map(({ use }) => use));
}
