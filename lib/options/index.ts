export { DEFAULT_SESSION } from './default-session.js';
export type {
  CacheOptions,
  CookieOptions,
  CryptoOptions,
  PruneOptions,
  SessionCryptoOptions,
  SessionOptions,
} from './options.interface.js';
export { resolveOptions, isCookieStore, type ResolvedOptions } from './resolve-options.js';
export type { ResolvedCookies } from './resolve-cookie.js';
export { resolveCrypto, type ResolvedCrypto } from './resolve-crypto.js';
export { OptionReader } from './option-reader.js';
