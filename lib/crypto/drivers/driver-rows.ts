import type { DriverRow } from './driver-row.interface.js';
import { NSS } from './nss/nss.row.js';
import { OPENSSL } from './openssl/openssl.row.js';
import { PKCS11 } from './pkcs11/pkcs11.row.js';
import { SODIUM } from './sodium/sodium.row.js';
import { WEBCRYPTO } from './webcrypto/webcrypto.row.js';

/** The drivers that `crypto.driver` may name. */
export const DRIVER_ROWS: readonly DriverRow[] = [OPENSSL, NSS, PKCS11, SODIUM, WEBCRYPTO];
