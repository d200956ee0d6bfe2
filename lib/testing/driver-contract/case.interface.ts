import type { CryptoDriver } from '../../crypto/crypto-driver.interface.js';

/** One fact that holds for every driver. */
export interface DriverContractCase {
  readonly title: string;
  /** Whether the driver claims what the fact is about; where it does not, `run` asks nothing, so skip it. */
  applies(driver: CryptoDriver): boolean;
  /** Rejects where the fact does not hold. `driver` is ready for use; what it does not claim is not asked of it. */
  run(driver: CryptoDriver): Promise<void>;
}
