import type { SessionStore } from '../../stores/session-store.interface.js';

/** One fact that holds for every store. */
export interface StoreContractCase {
  readonly title: string;
  /** Rejects if the fact does not hold for the store. `store` must be open and may contain other rows. A case about an
   *  optional method passes if the store does not have that method. */
  run(store: SessionStore): Promise<void>;
}
