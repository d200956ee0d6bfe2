export { auditOptions } from './audit-options.js';
export { DEFAULT_SESSION } from './default-session.js';
export type {
  CacheOptions,
  ContextOptions,
  CookieOptions,
  CryptoOptions,
  PruneOptions,
  SessionCryptoOptions,
  SessionOptions,
} from './options.interface.js';
export { resolveOptions, isCookieStore, isForeignStore } from './resolve-options.js';
export type { ResolvedContext, ResolvedOptions } from './resolved-options.interface.js';
export type { ResolvedScope } from './resolve-scope.js';
export type { ResolvedCookies } from './resolve-cookie.js';
export { resolveCrypto, type ResolvedCrypto } from './resolve-crypto.js';
export { OptionReader } from './option-reader.js';
