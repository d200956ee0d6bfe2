export { CACHE_LIMITERS, cacheHeaders, type CacheLimiter } from './cache-headers.js';
export { forwardedOrigin, isLoopback, isSecure, proxyTrustOf, type PlatformRequest } from './connection.js';
export { Cookie, nameOfLine, type CookieAttributes } from './cookie.js';
export { ResponseGate, type GateLimits, type HeadOwner } from './response-gate.js';
export type { BodyRewriter } from './rewritten-body.js';
export { bringsPageId, takeFieldId, takeQueryId } from './page-ids.js';
export {
  PageRewriter,
  REWRITTEN_HEAD,
  rewritesHead,
  tagScanners,
  withoutSessionId,
  type MakeTagScanner,
  type PageAddress,
  type SaxPackage,
  type TransSidRules,
} from './trans-sid/index.js';
export { takeFromHead, type HeadAdditions } from './response-head.js';
export { cookiesOf, dropHeader, hideCookies, putHeader, withoutCookies } from './request-headers.js';
export { findIds, ID_SOURCES, type FoundIds, type IdSource, type IdSourceOptions } from './id-sources.js';
export { isAllowedReferer, originOf, type RefererCheck } from './referer.js';
export { hostRank, isUnder, pathOf, targetOf, type PathMatch, type RequestTarget } from './request-target.js';
