import type { CbcCipher } from '../../cbc-ciphers.js';

/** What a key is laid in NSS for: there it has one type, and serves mechanisms of that type only. */
export interface KeyPurpose {
  /** CKM_… of pkcs11t.h. */
  readonly mechanism: number;
  /** CKA_… of pkcs11t.h: what may be done with the key. */
  readonly operation: number;
}

/** A mechanism that encrypts, and the kind of its parameter. */
export interface CipherUse extends KeyPurpose {
  readonly parameter: 'gcm' | 'chacha' | 'iv16' | 'iv8';
}

export const CKA_ENCRYPT = 0x104; // of a key: NSS lets it decrypt too
export const CKA_DECRYPT = 0x105;
const CKA_SIGN = 0x108;

export const CKM_AES_KEY_GEN = 0x1080;
export const CKM_AES_ECB = 0x1081;

const use = (mechanism: number, parameter: CipherUse['parameter']): CipherUse => ({
  mechanism,
  operation: CKA_ENCRYPT,
  parameter,
});

/** CKM_SHA512_HMAC. */
export const HMAC: KeyPurpose = { mechanism: 0x271, operation: CKA_SIGN };
/** CKM_AES_GCM. */
const AES_GCM = use(0x1087, 'gcm');
/** CKM_CHACHA20_POLY1305. */
const CHACHA = use(0x4021, 'chacha');

/** By the cipher name of the suite. */
export const AEAD: ReadonlyMap<string, CipherUse> = new Map([
  ['aes256', AES_GCM],
  ['chacha20', CHACHA],
  ['aes128', AES_GCM],
]);

/** A CBC cipher with PKCS#7 padding, and without. */
interface CbcUse {
  readonly padded: CipherUse;
  readonly bare: CipherUse;
}

/** CKM_AES_CBC_PAD and CKM_AES_CBC. */
const AES_CBC: CbcUse = { padded: use(0x1085, 'iv16'), bare: use(0x1082, 'iv16') };
/** CKM_DES3_CBC_PAD and CKM_DES3_CBC. */
const DES3_CBC: CbcUse = { padded: use(0x136, 'iv8'), bare: use(0x133, 'iv8') };

export const CBC: Readonly<Record<CbcCipher['name'], CbcUse>> = {
  '3des192': DES3_CBC,
  aes128: AES_CBC,
  aes192: AES_CBC,
  aes256: AES_CBC,
};
