import type { ManagerPhase } from '../manager/manager-phase.js';
import type { RingProcess } from '../ring/ring-process.interface.js';

/** `up`: all is well. `degraded`: it serves, and something is wrong that a person must mend. `down`: requests with sessions fail. */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** What one store said. It names no host. */
export interface StoreFacts {
  readonly status: HealthStatus;
  /** The kind of store, such as `postgres`. */
  readonly kind: string;
  /** The table, the prefix or the folder. */
  readonly name: string;
  /** `writes`: it can be read and written. `reads`: it takes no writes. `late`: it has not answered within the 750 ms of a
   *  report, and may answer requests yet. `none`: it does not answer, or refuses to. `unasked`: there is nothing to ask, or no way to
   *  ask it, and no request has met an outage. */
  readonly access: 'writes' | 'reads' | 'late' | 'none' | 'unasked';
  /** Milliseconds until the answer; `undefined` if there was none. */
  readonly latency: number | undefined;
  /** Why it does not answer or takes no writes: a SQLSTATE, a code of Node or of Redis, or a word of ours such as `timeout`. */
  readonly code: string | undefined;
}

/** One set of keys. It holds no key. */
export interface KeysFacts {
  readonly status: HealthStatus;
  /** `native`, or the name of `crypto.format`. */
  readonly format: string;
  /** True if the ring manages itself. */
  readonly managed: boolean;
  /** The number of keys in the ring. */
  readonly keys: number;
  /** The hint of the key that seals; `undefined` if there is none, and for a foreign format. */
  readonly seals: string | undefined;
  /** Seconds for which that key has sealed: by the ring's rows, or, if the ring does not manage itself, since this process has met it. */
  readonly age: number | undefined;
  /** Where the secrets come from, in their order. With a managed ring they wrap its keys. */
  readonly sources: readonly { readonly path: string; readonly kind: string; readonly reloads: boolean }[];
  /** Seconds since secrets and rows were read and the ring made. */
  readonly readAgo: number | undefined;
  /** What the last reading has failed with, in words without a secret; `undefined` if it went well. */
  readonly failure: string | undefined;
}

/** Something that a person should know. */
export interface HealthFinding {
  /** A stable name, such as `store-down`. docs/health.md says what to do. */
  readonly code: string;
  readonly part: 'application' | 'store' | 'clock' | 'keys' | 'ring' | 'driver' | 'revocation';
  readonly status: HealthStatus;
  /** A sentence for a person, without a secret. */
  readonly message: string;
}

/** The health of the sessions of one `forRoot` in this process, of {@link SessionService.health}. It holds no secret, no token, no
 *  value and no host but those in {@link RingProcess.label}. Show all of it to operators only. */
export interface SessionHealth {
  /** The worst of all parts; `down` too while the application starts or shuts down. */
  readonly status: HealthStatus;
  readonly phase: ManagerPhase;
  readonly checkedAt: Date;
  /** `down` if all stores are down, `degraded` if some are. */
  readonly store: { readonly status: HealthStatus; readonly stores: readonly StoreFacts[] };
  readonly clock: {
    readonly status: HealthStatus;
    /** Seconds by which the clock of the process is ahead of the store's; `undefined` if no store has told its time. */
    readonly offset: number | undefined;
  };
  readonly keys: { readonly status: HealthStatus; readonly rings: readonly KeysFacts[] };
  readonly ring: {
    readonly status: HealthStatus;
    /** False if no ring manages itself: then nobody can know what other processes have. */
    readonly managed: boolean;
    readonly processes: readonly RingProcess[];
  };
  readonly driver: {
    readonly status: HealthStatus;
    readonly name: string;
    readonly version: string | undefined;
    /** The known answers were right at the start, as they always are in an application that has started. */
    readonly selfTest: 'passed';
    /** Milliseconds that the driver took to derive from the sealing key; `undefined` where it was not asked or has failed. */
    readonly latency: number | undefined;
    readonly code: string | undefined;
  };
  /** `undefined` unless the cookie holds the sessions and has a source of revocations. */
  readonly revocation:
    | {
        readonly status: HealthStatus;
        readonly sources: readonly (StoreFacts & {
          /** Seconds for which what was read about a cookie counts: so late may a revocation be met. */
          readonly cacheFor: number;
          /** Marks that are remembered. */
          readonly cached: number;
          /** Seconds since the source was last asked for a mark that it told; `undefined` before the first. */
          readonly readAgo: number | undefined;
        })[];
      }
    | undefined;
  readonly findings: readonly HealthFinding[];
}
