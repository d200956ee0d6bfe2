export { driverContract } from './driver-contract/driver-contract.js';
export type { DriverContractCase } from './driver-contract/case.interface.js';
export { storeContract, type StoreContractCase } from './store-contract.js';
