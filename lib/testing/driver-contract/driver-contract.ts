import { aeadContract } from './aead.js';
import { bufferContract } from './buffers.js';
import { cbcContract } from './cbc.js';
import { expandContract } from './expand.js';
import type { DriverContractCase } from './case.interface.js';
import { secrecyContract } from './secrecy.js';

/** The facts about a driver that the envelope and the key ring rely on. Run every case over your own driver before you use
 *  it, in any test runner:
 *
 *      for (const { title, applies, run } of driverContract)
 *        it(title, { skip: !applies(myDriver) }, () => run(myDriver));
 *
 *  A case covers every suite in the driver's `ciphers` and every cipher in its `cbc`. Suites and ciphers that the driver does
 *  not claim are not tested. */
export const driverContract: readonly DriverContractCase[] = [
  ...aeadContract,
  ...expandContract,
  ...bufferContract,
  ...secrecyContract,
  ...cbcContract,
];
