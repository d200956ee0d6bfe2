import type { CryptoDriver } from '../../crypto/crypto-driver.interface.js';

/** One fact that holds for every driver. */
export interface DriverContractCase {
  /** The fact, as a title for a test runner. */
  readonly title: string;
  /** Reports whether the driver claims what the fact is about. If it does not, skip the case: {@link run} would test
   *  nothing. */
  applies(driver: CryptoDriver): boolean;
  /** Rejects with an AssertionError if the fact does not hold. `driver` must be ready for use. Only the suites and ciphers
   *  that the driver claims are tested. */
  run(driver: CryptoDriver): Promise<void>;
}
