export { CACHE_LIMITERS, cacheHeaders, type CacheLimiter } from './cache-headers.js';
export { isLoopback, isSecure, proxyTrustOf, type PlatformRequest } from './connection.js';
export { Cookie, nameOfLine, type CookieAttributes } from './cookie.js';
export { ResponseGate, type GateLimits, type HeadOwner } from './response-gate.js';
export { takeFromHead, type HeadAdditions } from './response-head.js';
export { cookiesOf, dropHeader, hideCookies, putHeader, withoutCookies } from './request-headers.js';
export { findIds, ID_SOURCES, type FoundIds, type IdSource, type IdSourceOptions } from './id-sources.js';
export { isAllowedReferer, originOf, type RefererCheck } from './referer.js';
export { hostRank, isUnder, pathOf, targetOf, type PathMatch, type RequestTarget } from './request-target.js';
