export { after, lastly, orElse, type Awaitable } from './awaitable.js';
export { cbcSelfTest } from './cbc-self-test.js';
export { CBC_CIPHERS, type CbcCipher } from './cbc-ciphers.js';
export type { CbcDriver, CryptoDriver, KeyHandle, KeyUse } from './crypto-driver.interface.js';
export type { DriverParam, DriverParams, DriverRow } from './drivers/driver-row.interface.js';
export { DRIVER_ROWS } from './drivers/driver-rows.js';
export { OpensslDriver } from './drivers/openssl/openssl.driver.js';
export { openPkcs11 } from './drivers/pkcs11/open-pkcs11.js';
export { PKCS11 } from './drivers/pkcs11/pkcs11.row.js';
export { KeyKeeper, type ReloadListener, type ReloadOptions } from './key-keeper.js';
export { KeyRing, type RingKey } from './key-ring.js';
export type { KeySource, SecretCallback, SecretOption, SuppliedSecret } from './key-source.interface.js';
export { keySource } from './key-sources/index.js';
export { RingMaker, type RingOptions } from './make-ring.js';
export { randomPoolBytes } from './random-pool.js';
export {
  COMMITMENT_LENGTH,
  NONCE_LENGTH,
  SUITES,
  suiteByCipher,
  suiteByVersion,
  TAG_LENGTH,
  type Suite,
} from './suites.js';
export { selfTest } from './self-test.js';
