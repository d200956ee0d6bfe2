export { driverContract } from './driver-contract.js';
export type { DriverContractCase } from './driver-contract.interface.js';
export { storeContract, type StoreContractCase } from './store-contract.js';
