export { SessionCryptoModule } from './session-crypto.module.js';
export type { SessionCryptoExtras } from './session-crypto.module-definition.js';
export type { SessionClock } from './session-clock.js';
export { SessionService, type SessionSummary } from './session.service.js';
export { SessionGuard } from './session.guard.js';
export { RefererGuard } from './referer.guard.js';
export { SessionCsrfGuard } from './session-csrf.guard.js';
export { SessionInterceptor } from './session.interceptor.js';
export {
  CsrfToken,
  CurrentSession,
  CurrentSubject,
  InjectSession,
  SessionId,
  SessionValue,
} from './session.decorators.js';
export {
  CacheLimiter,
  ReadonlySession,
  RequireSession,
  SkipSession,
  UseSession,
  type RequireSessionOptions,
} from './session-route.js';
export type { RouteSessionOptions } from './route-session-options.interface.js';
export {
  getSessionClockToken,
  getSessionEventsToken,
  getSessionOptionsToken,
  getSessionServiceToken,
  getSessionStoreToken,
} from './session.tokens.js';
export { generateTokenKey } from './generate-token-key.js';
export { createSealer, type Sealer, type SealerOptions } from './create-sealer.js';
export type {
  CbcCipher,
  CbcDriver,
  CryptoDriver,
  KeyHandle,
  KeyUse,
  SecretCallback,
  SecretOption,
  SuppliedSecret,
  Suite,
} from './crypto/index.js';
export { OpensslDriver } from './crypto/index.js';
export {
  EnvelopeError,
  SessionConfigError,
  SessionCryptoError,
  SessionDriverError,
  SessionStateError,
  SessionStoreError,
  SessionTooLargeError,
  type ConfigFault,
  type RejectReason,
  type SessionStateCode,
} from './errors/index.js';
export { auditOptions, DEFAULT_SESSION } from './options/index.js';
export type {
  AuditedOptions,
  AuditEnvironment,
  AuditRow,
  AuditVerdict,
  CacheOptions,
  ContextOptions,
  CookieOptions,
  CryptoOptions,
  DriverClass,
  DriverOption,
  DriverParamOption,
  IdOptions,
  PruneOptions,
  SessionCryptoOptions,
  SessionOptions,
  TransSidOptions,
} from './options/index.js';
export { withoutSessionId } from './http/index.js';
export type {
  AuditFinding,
  CodecParts,
  DriverClaim,
  ForeignParts,
  ForeignStore,
  IdForm,
  OpenedRecord,
  RecordCodec,
  SessionFormat,
  StartedFormat,
} from './session/index.js';
export {
  Session,
  SessionEvents,
  type JsonObject,
  type JsonValue,
  type SessionData,
  type SessionEventMap,
  type SessionEventName,
  type SessionKey,
  type SessionValueOf,
} from './session/index.js';
export {
  cookieStore,
  memoryStore,
  type CookieStore,
  type CookieStoreOptions,
  type FoundRow,
  type ListedRow,
  type LoadedRow,
  type MemoryStoreOptions,
  type ReplaceResult,
  type ResolveToken,
  type RowState,
  type SessionRow,
  type SessionStore,
  type Tombstone,
} from './stores/index.js';
