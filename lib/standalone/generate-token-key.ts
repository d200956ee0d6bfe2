import { PKCS11 } from '../crypto/drivers/pkcs11/pkcs11.row.js';
import { SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { OptionReader } from '../options/option-reader.js';
import { readDriverParams } from '../options/driver-params.js';
import type { DriverParamOption } from '../options/crypto-options.interface.js';

/** Makes a key inside a token of driver `pkcs11`. The token draws its 64 random bytes itself and marks the key as
 *  sensitive and not extractable, so that it never leaves the token.
 *
 *  `driverParams` are those of `crypto.driverParams`; `label` has 1 to 255 bytes. Returns `label=…`, the reference for
 *  `crypto.secrets: [{ key: 'label=…' }]`.
 *
 *  Rejects with a SessionConfigError if the parameters lead to no token, or if the token already has a secret key with
 *  that label; with a SessionDriverError if the token is lost meanwhile.
 *
 *  @see docs/drivers.md, section pkcs11 */
export async function generateTokenKey(
  driverParams: Readonly<Record<string, DriverParamOption>>,
  label: string,
): Promise<string> {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('crypto', { driverParams }, faults);
  const params = readDriverParams(reader, PKCS11, reader.take('driverParams'), 'native');
  if (faults.length) throw new SessionConfigError(faults);
  const { openPkcs11 } = await import('../crypto/drivers/pkcs11/open-pkcs11.js');
  const driver = await openPkcs11(params, 'crypto.driver');
  try {
    return await driver.generateKey(label);
  } finally {
    driver.close();
  }
}
