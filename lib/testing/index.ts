export { storeContract, type StoreContractCase } from './store-contract.js';
