import type { CacheLimiter } from '../http/cache-headers.js';

/** What a route says of a session. */
export interface RouteSessionOptions {
  /** Changes throw. */
  readonly readonly?: boolean;
  /** `false`: using this route does not prolong the session. */
  readonly touch?: boolean;
  /** Seconds: on this route the session counts as ended sooner than elsewhere. */
  readonly idleTimeout?: number;
  readonly onStoreDown?: 'fail' | 'anonymous';
  readonly cache?: CacheLimiter;
}
