export { SessionCryptoModule } from './session-crypto.module.js';
export type { SessionCryptoAsyncOptions, SessionCryptoExtras } from './session-crypto.module-definition.js';
export type { SessionClock } from './record/session-clock.js';
export { SessionService, type AttachOptions, type SessionSummary } from './session.service.js';
export { healthLines, type HealthLine } from './checkup/health-lines.js';
export type {
  HealthFinding,
  HealthStatus,
  KeysFacts,
  SessionHealth,
  StoreFacts,
} from './checkup/session-health.interface.js';
export type { ManagerPhase } from './manager/manager-phase.js';
export type { RingProcess } from './ring/ring-process.interface.js';
export type { SourceState } from './crypto/key-ring-provider.js';
export { SessionGuard, type SessionRefusal } from './session.guard.js';
export { RefererGuard } from './referer.guard.js';
export { SessionCsrfGuard, type CsrfRefusal } from './session-csrf.guard.js';
export { SessionInterceptor } from './session.interceptor.js';
export type { SessionLockOptions } from './request/lock-options.js';
export {
  CsrfToken,
  CurrentSession,
  CurrentSubject,
  InjectSession,
  SessionId,
  SessionLock,
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
export type { WorkOptions } from './request/open-work.js';
export type { RouteSessionOptions } from './request/route-session-options.interface.js';
export {
  getSessionClockToken,
  getSessionEventsToken,
  getSessionOptionsToken,
  getSessionServiceToken,
  getSessionStoreToken,
} from './session.tokens.js';
export { generateTokenKey } from './standalone/generate-token-key.js';
export { createSealer, type Sealer, type SealerOptions } from './standalone/create-sealer.js';
export type { CbcCipher } from './crypto/cbc-ciphers.js';
export type { CbcDriver, CryptoDriver, KeyHandle, KeyUse } from './crypto/crypto-driver.interface.js';
export type { SecretCallback, SecretOption, SuppliedSecret } from './crypto/key-source.interface.js';
export type { Suite } from './crypto/suites.js';
export { OpensslDriver } from './crypto/drivers/openssl/openssl.driver.js';
export { EnvelopeError, type RejectReason } from './errors/envelope.error.js';
export { SessionConfigError, type ConfigFault } from './errors/session-config.error.js';
export { SessionCryptoError } from './errors/session-crypto.error.js';
export { SessionDriverError } from './errors/session-driver.error.js';
export {
  SessionStateError,
  SessionTooLargeError,
  type SessionStateCode,
} from './errors/session-state.error.js';
export { SessionStoreError } from './errors/session-store.error.js';
export type { ResealOptions, ResealProgress } from './manager/reseal-rows.js';
export type { SessionKeys } from './manager/session-keys.js';
export { managedRing } from './options/managed-ring.js';
export type { ManagedRingOptions } from './options/ring-options.interface.js';
export type { KeyInfo } from './ring/ring-administration.js';
export type {
  KeyFacts,
  KeyRow,
  KeyRowStore,
  KeyState,
  LoadedKeys,
} from './stores/key-row-store.interface.js';
export { memoryKeyStore, type MemoryKeyStoreOptions } from './stores/memory-key.store.js';
export { auditOptions } from './options/audit/audit-options.js';
export { DEFAULT_SESSION } from './options/default-session.js';
export type { AuditedOptions } from './options/audit/audit-options.js';
export type { AuditEnvironment, AuditRow, AuditVerdict } from './options/audit/audit.interface.js';
export type { CacheOptions, PruneOptions } from './options/cache-options.interface.js';
export type { CookieOptions } from './options/cookie-options.interface.js';
export type { CsrfOptions } from './options/csrf-options.interface.js';
export type {
  CryptoOptions,
  DriverClass,
  DriverOption,
  DriverParamOption,
} from './options/crypto-options.interface.js';
export type { IdOptions, TransSidOptions } from './options/id-options.interface.js';
export type { ContextOptions, SessionCryptoOptions } from './options/options.interface.js';
export type { SessionOptions } from './options/session-options.interface.js';
export { withoutSessionId } from './http/trans-sid/query-id.js';
export type { AuditFinding } from './stores/audit-finding.interface.js';
export type {
  CodecParts,
  DriverClaim,
  ForeignSession,
  MigratedFormat,
  MigrationParts,
  MigrationReader,
  SessionFormat,
  StartedFormat,
} from './persistence/session-format.interface.js';
export type { ForeignParts, ForeignStore, PhpIdFormat } from './persistence/foreign-store.interface.js';
export type { OpenedRecord, RecordCodec } from './persistence/record-codec.interface.js';
export { Session } from './session/session.js';
export {
  SESSION_EVENTS,
  SessionEvents,
  type SessionEventMap,
  type SessionEventName,
} from './persistence/session-events.js';
export type { ProbeEnd, ProbeStep, SessionProbe } from './persistence/session-probe.interface.js';
export type {
  JsonObject,
  JsonValue,
  SessionData,
  SessionKey,
  SessionNumberKey,
  SessionValueOf,
  StoredValue,
} from './record/session-data.interface.js';
export { cookieStore, type CookieStore, type CookieStoreOptions } from './stores/cookie.store.js';
export {
  memoryRevocation,
  storeRevocation,
  type RevocationOptions,
  type RevocationSource,
} from './stores/revocation.js';
export { memoryStore, type MemoryStoreOptions } from './stores/memory.store.js';
export type { SessionLocks } from './stores/session-locks.interface.js';
export type {
  FoundRow,
  ListedRow,
  LoadedRow,
  ReplaceResult,
  ResolveToken,
  RowState,
  SessionRow,
  SessionStore,
  Tombstone,
} from './stores/session-store.interface.js';
