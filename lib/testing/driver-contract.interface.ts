import type { CryptoDriver } from '../crypto/index.js';

/** One fact that holds for every driver. */
export interface DriverContractCase {
  readonly title: string;
  /** Rejects where the fact does not hold. `driver` is ready for use; what it does not claim is not asked of it. */
  run(driver: CryptoDriver): Promise<void>;
}
