export {
  auditOptions,
  auditResolved,
  type AuditedOptions,
  type AuditEnvironment,
  type AuditRow,
  type AuditVerdict,
} from './audit/index.js';
export { readDriverParams } from './driver-params.js';
export { DEFAULT_SESSION } from './default-session.js';
export type {
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
} from './options.interface.js';
export { resolveOptions, isCookieStore, isForeignStore } from './resolve-options.js';
export type { ResolvedContext, ResolvedOptions } from './resolved-options.interface.js';
export type { ResolvedScope } from './resolve-scope.js';
export type { ResolvedCookies } from './resolve-cookie.js';
export type { DriverChoice, DriverContainer, OpenDriver } from './resolve-driver.js';
export { resolveCrypto, type ResolvedCrypto } from './resolve-crypto.js';
export { OptionReader } from './option-reader.js';
