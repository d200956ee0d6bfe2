export { OwnHosts, type PageAddress } from './own-hosts.js';
export type { PageId, TransSidRules } from './page-id.interface.js';
export { PageRewriter, type RewriterParts } from './page-rewriter.js';
export { rewritesHead, REWRITTEN_HEAD } from './rewritten-head.js';
export { parameterOf, withoutSessionId } from './query-id.js';
export { tagScanners, type MakeTagScanner, type SaxPackage } from './tag-scanner.js';
