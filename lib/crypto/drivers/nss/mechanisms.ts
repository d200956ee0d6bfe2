import type { CbcCipher } from '../../cbc-ciphers.js';

// The mechanisms of NSS that the driver uses, with the numbers of pkcs11t.h.

/** The purpose of a key inside NSS. A key there has one type and serves mechanisms of that type only. */
export interface KeyPurpose {
  /** CKM_…: the mechanism. */
  readonly mechanism: number;
  /** CKA_…: the permitted operation. */
  readonly operation: number;
}

/** A mechanism that encrypts, and the kind of parameter that it takes. */
export interface CipherUse extends KeyPurpose {
  readonly parameter: 'gcm' | 'chacha' | 'iv16' | 'iv8';
}

/** Permission of a key. NSS lets such a key decrypt too. */
export const CKA_ENCRYPT = 0x104;
/** Direction of a context. */
export const CKA_DECRYPT = 0x105;
const CKA_SIGN = 0x108;

/** Generates the AES key that wraps the other keys. */
export const CKM_AES_KEY_GEN = 0x1080;
/** Wraps keys. */
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

/** The mechanisms of the native format, by the suite's name in `crypto.cipher`. */
export const AEAD: ReadonlyMap<string, CipherUse> = new Map([
  ['aes256', AES_GCM],
  ['chacha20', CHACHA],
  ['aes128', AES_GCM],
]);

/** The two mechanisms of a CBC cipher. */
interface CbcUse {
  /** Adds PKCS#7 padding; for encryption. */
  readonly padded: CipherUse;
  /** Leaves the padding to the caller; for decryption, so that NSS reports no padding error. */
  readonly unpadded: CipherUse;
}

/** CKM_AES_CBC_PAD and CKM_AES_CBC. */
const AES_CBC: CbcUse = { padded: use(0x1085, 'iv16'), unpadded: use(0x1082, 'iv16') };
/** CKM_DES3_CBC_PAD and CKM_DES3_CBC. */
const DES3_CBC: CbcUse = { padded: use(0x136, 'iv8'), unpadded: use(0x133, 'iv8') };

/** The mechanisms of the Apache format. */
export const CBC: Readonly<Record<CbcCipher['name'], CbcUse>> = {
  '3des192': DES3_CBC,
  aes128: AES_CBC,
  aes192: AES_CBC,
  aes256: AES_CBC,
};
