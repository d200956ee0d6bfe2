export { SessionCryptoError } from './session-crypto.error.js';
export { SessionConfigError, kindOf, type ConfigFault } from './session-config.error.js';
export { SessionStateError, SessionTooLargeError, type SessionStateCode } from './session-state.error.js';
export { SessionStoreError, codeOf } from './session-store.error.js';
export { SessionDriverError } from './session-driver.error.js';
export { UnavailableError } from './unavailable.error.js';
export { EnvelopeError, type RejectReason } from './envelope.error.js';
