export { driverContract } from './driver-contract/driver-contract.js';
export type { DriverContractCase } from './driver-contract/case.interface.js';
export type { StoreContractCase } from './store-contract/case.interface.js';
export { storeContract } from './store-contract/store-contract.js';
