import type { CacheLimiter } from '../http/cache-headers.js';

/** The options of a session on one route. */
export interface RouteSessionOptions {
  /** True if changes throw a SessionStateError. @default false */
  readonly readonly?: boolean;
  /** False if a request to this route does not prolong the session. @default true */
  readonly touch?: boolean;
  /** Seconds without a request after which the session counts as ended on this route. It can only be shorter than
   *  `session.idleTimeout`. */
  readonly idleTimeout?: number;
  readonly onStoreDown?: 'fail' | 'anonymous';
  readonly cache?: CacheLimiter;
}
