import type { DriverRow } from './driver-row.interface.js';
import { NSS } from './nss/nss.row.js';
import { OPENSSL } from './openssl/openssl.row.js';
import { PKCS11 } from './pkcs11/pkcs11.row.js';
import { SODIUM } from './sodium/sodium.row.js';
import { WEBCRYPTO } from './webcrypto/webcrypto.row.js';

/** The drivers that `crypto.driver` may name, in the order in which messages and `session-crypto drivers` list them. The
 *  first is the default. */
export const DRIVER_ROWS: readonly DriverRow[] = [OPENSSL, NSS, PKCS11, SODIUM, WEBCRYPTO];
