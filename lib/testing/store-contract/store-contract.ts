import { administrationContract } from './administration.js';
import type { StoreContractCase } from './case.interface.js';
import { endingContract } from './ending.js';
import { loadingContract } from './loading.js';
import { lockingContract } from './locking.js';
import { movingContract } from './moving.js';
import { savingContract } from './saving.js';

/** The facts about a store that sessions depend on. Run every case over a store of your own before you use it:
 *
 *      for (const { title, run } of storeContract) it(title, () => run(myStore));
 */
export const storeContract: readonly StoreContractCase[] = [
  ...loadingContract,
  ...savingContract,
  ...endingContract,
  ...movingContract,
  ...lockingContract,
  ...administrationContract,
];
