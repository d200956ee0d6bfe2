import { checkNames, type OptionNames } from '../../errors/check-names.js';
import { kindOf, SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import type { RedisServer } from './client.interface.js';
import { findServer } from './find-server.js';
import type { RedisWait } from './script-runner.js';

export interface RedisStoreOptions {
  /** A connected client of the package `redis` (node-redis 5 or later) or of `ioredis` (5 or later): of a single server, with
   *  Sentinel, or of a Cluster. */
  readonly client: object;
  /** What the keys begin with. The envelope's context contains it, so sessions do not open under another prefix.
   *  @default 'session_crypto:' */
  readonly prefix?: string;
  /** A write counts when so many replicas have it too, within `timeout` milliseconds; otherwise it fails. A failover then loses
   *  fewer writes, and can still lose some. @default the primary alone decides
   *  @see Redis `WAIT` */
  readonly wait?: RedisWait;
}

export const DEFAULT_PREFIX = 'session_crypto:';

const NAMES: OptionNames<RedisStoreOptions> = { client: true, prefix: true, wait: true };

const WAIT_NAMES: OptionNames<RedisWait> = { replicas: true, timeout: true };

/** The longest time that a write may wait for replicas, in milliseconds. */
const LONGEST_WAIT = 60_000;

/** Throws a SessionConfigError that lists all faults. `call` is the function that was called. */
export function checkOptions(options: RedisStoreOptions, call = 'redisStore()'): void {
  checkNames(call, options, NAMES);
  const { client, prefix, wait } = options;
  if (wait !== undefined) checkNames(`${call}.wait`, wait, WAIT_NAMES);
  const faults = [...prefixFaults(prefix), ...waitFaults(wait)];
  if (faults.length) throw new SessionConfigError(faults);
  checkOrder(findServer(client), wait);
}

function prefixFaults(prefix: unknown): ConfigFault[] {
  if (prefix === undefined || (typeof prefix === 'string' && /^[^{}\0]{1,100}$/u.test(prefix))) return [];
  const found =
    typeof prefix === 'string' ? 'has a brace, NUL, or no or too many letters' : `is ${kindOf(prefix)}`;
  const why = 'braces would put all keys on one server of a Cluster';
  return [{ path: 'store.prefix', message: `${found}; allowed are 1 to 100 letters without braces: ${why}` }];
}

function waitFaults(wait: RedisWait | undefined): ConfigFault[] {
  if (wait === undefined) return [];
  const { replicas, timeout } = wait;
  return [
    ...rangeFault('store.wait.replicas', replicas, 100),
    ...rangeFault('store.wait.timeout', timeout, LONGEST_WAIT),
  ];
}

function rangeFault(path: string, value: unknown, most: number): ConfigFault[] {
  if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most) return [];
  const found = typeof value === 'number' ? `is ${value}` : `is ${kindOf(value)}`;
  return [{ path, message: `${found}; allowed is a whole number from 1 to ${most}` }];
}

function checkOrder({ unordered }: RedisServer, wait: RedisWait | undefined): void {
  if (wait === undefined || unordered === undefined) return;
  throw new SessionConfigError([
    { path: 'store.wait', message: `needs WAIT on the connection of the write, and ${unordered}` },
  ]);
}
