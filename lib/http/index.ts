export { CACHE_LIMITERS, cacheHeaders, type CacheLimiter } from './cache-headers.js';
export { isLoopback, isSecure, proxyTrustOf, type PlatformRequest } from './connection.js';
export { Cookie, nameOfLine, type CookieAttributes } from './cookie.js';
export { ResponseGate, type GateLimits, type HeadOwner } from './response-gate.js';
export type { HeadAdditions } from './response-head.js';
