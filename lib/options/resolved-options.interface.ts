import type { CacheLimiter } from '../http/cache-headers.js';
import type { IdSourceOptions } from '../http/id-sources.js';
import type { PathMatch } from '../http/request-target.js';
import type { ForeignStore, PhpIdFormat } from '../persistence/foreign-store.interface.js';
import type { SubjectLimitPolicy } from '../persistence/subject-limit.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import type { CookieStore } from '../stores/cookie.store.js';
import type { SessionStore } from '../stores/session-store.interface.js';
import type { ResolvedCookies } from './resolve-cookie.js';
import type { ResolvedCrypto } from './resolve-crypto.js';
import type { ResolvedScope } from './resolve-scope.js';

/** Any of the three kinds of store. */
export type AnyStore = CookieStore | SessionStore | ForeignStore;

/** The members of the group `session`, except timeouts and paths. */
export interface ResolvedSession {
  readonly load: 'lazy' | 'eager';
  readonly onConflict: 'last-wins' | 'reject';
  readonly onGone: 'drop' | 'fail';
  readonly onStoreDown: 'fail' | 'anonymous';
  readonly onStoreDownAtStart: 'fail' | 'wait';
  readonly onReuse: 'event' | 'end';
  readonly maxPerSubject: SubjectLimitPolicy | undefined;
  readonly keepNetwork: boolean;
  /** Bytes. */
  readonly payloadLimit: number;
  /** Milliseconds; the option is in seconds. */
  readonly commitTimeout: number;
  /** Bytes. */
  readonly heldBody: number;
  /** Bytes. */
  readonly heldBodyTotal: number;
  readonly asyncContext: boolean;
}

/** The options as all other rooms see them: complete, checked and frozen. No other file adds a default. */
export interface ResolvedOptions extends ResolvedSession {
  readonly crypto: ResolvedCrypto;
  readonly cookies: ResolvedCookies;
  readonly id: IdSourceOptions & PhpIdFormat;
  readonly timeouts: SessionTimeouts;
  readonly store: AnyStore;
  readonly scope: ResolvedScope;
  /** Empty for the options of a context. */
  readonly contexts: readonly ResolvedContext[];
  /** `expire` is in minutes. */
  readonly cache: { readonly limiter: CacheLimiter; readonly expire: number; readonly phpHeaders: boolean };
  /** `lifetime` is in seconds. */
  readonly csrf: { readonly lifetime: number };
  /** `interval` is in seconds. */
  readonly prune: { readonly interval: number; readonly probability: number; readonly divisor: number };
}

/** A host and path with their complete options. */
export interface ResolvedContext {
  /** Host names in lower case, without port; empty for every host. */
  readonly host: readonly string[];
  readonly path: string;
  readonly match: PathMatch;
  readonly options: ResolvedOptions;
}
