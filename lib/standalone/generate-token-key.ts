import { PKCS11 } from '../crypto/drivers/pkcs11/pkcs11.row.js';
import { SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { OptionReader } from '../options/option-reader.js';
import { readDriverParams } from '../options/driver-params.js';
import type { DriverParamOption } from '../options/options.interface.js';

/** Makes a key inside a token of driver `pkcs11`, which never leaves it: 64 random bytes of the token's own, sensitive
 *  and not extractable. `driverParams` as in `crypto`; gives what stands in `crypto.secrets` as `{ key }`.
 *
 *  Rejects with a SessionConfigError when the parameters do not lead to a token, or a key has the label already. */
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
