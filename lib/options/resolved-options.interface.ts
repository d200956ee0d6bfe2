import type { CacheLimiter } from '../http/cache-headers.js';
import type { IdSourceOptions } from '../http/id-sources.js';
import type { PathMatch } from '../http/request-target.js';
import type { ForeignStore, PhpIdFormat } from '../persistence/foreign-store.interface.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import type { CookieStore } from '../stores/cookie.store.js';
import type { SessionStore } from '../stores/session-store.interface.js';
import type { ResolvedCookies } from './resolve-cookie.js';
import type { ResolvedCrypto } from './resolve-crypto.js';
import type { ResolvedScope } from './resolve-scope.js';

/** Options as everything behind this folder sees them: complete, checked, frozen. */
export interface ResolvedOptions {
  readonly crypto: ResolvedCrypto;
  readonly cookies: ResolvedCookies;
  readonly id: IdSourceOptions & PhpIdFormat;
  readonly timeouts: SessionTimeouts;
  readonly load: 'lazy' | 'eager';
  readonly onConflict: 'last-wins' | 'reject';
  readonly onGone: 'drop' | 'fail';
  readonly onStoreDown: 'fail' | 'anonymous';
  readonly onReuse: 'event' | 'end';
  readonly payloadLimit: number;
  /** Milliseconds. */
  readonly commitTimeout: number;
  readonly asyncContext: boolean;
  readonly store: CookieStore | SessionStore | ForeignStore;
  readonly scope: ResolvedScope;
  readonly contexts: readonly ResolvedContext[];
  readonly cache: { readonly limiter: CacheLimiter; readonly expire: number };
  /** `interval` in seconds. */
  readonly prune: { readonly interval: number; readonly probability: number; readonly divisor: number };
}

/** A host and path with a complete set of options. */
export interface ResolvedContext {
  readonly host: readonly string[];
  readonly path: string;
  readonly match: PathMatch;
  readonly options: ResolvedOptions;
}
