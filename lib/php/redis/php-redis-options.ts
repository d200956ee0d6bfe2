import { SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import { OptionReader } from '../../options/option-reader.js';
import { findServer } from '../../stores/redis/find-server.js';
import type { PhpSerializerName } from '../serializer/php-serializer.js';
import { readUnsealed, type SharedUnsealedOptions } from '../shared/shared-options.js';

/** Options of `phpRedisStore()`. */
export interface PhpRedisStoreOptions {
  /** A connected client of the package `redis` (5 or later) or `ioredis` (5 or later), for the server and the database of PHP's
   *  `session.save_path`. It must not be that of a Cluster. */
  readonly client: object;
  /** What the keys begin with. @default 'PHPREDIS_SESSION:' @see PHP `session.save_path`, `prefix` */
  readonly prefix?: string;
  /** False if PHP takes no lock, so that it can overwrite what this application has changed. The audit says so.
   *  @default true @see PHP `redis.session.locking_enabled` */
  readonly phpLocks?: boolean;
  /** Shares the sessions with PHP. They are not sealed, and their keys contain the ids. */
  readonly sharedUnsealed: SharedUnsealedOptions;
}

export const DEFAULT_PHP_PREFIX = 'PHPREDIS_SESSION:';

/** The options with their defaults. */
export interface ResolvedPhpRedis {
  readonly prefix: string;
  readonly phpLocks: boolean;
  readonly serializer: PhpSerializerName;
  readonly subjectKey: string | undefined;
  /** Every fault, with its path below the option `store`. */
  readonly faults: readonly ConfigFault[];
}

/** Returns the options with their defaults, and their faults. */
export function resolvePhpRedis(options: PhpRedisStoreOptions): ResolvedPhpRedis {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('', options, faults);
  const unsealed = reader.sub('sharedUnsealed');
  faults.push(...clientFaults(reader.take('client')));
  const resolved = {
    prefix: reader.text('prefix', DEFAULT_PHP_PREFIX, /^[^\0]*$/, 'a text'),
    phpLocks: reader.choice('phpLocks', true, [true, false]),
    ...readUnsealed(unsealed),
  };
  unsealed.end();
  reader.end();
  return { ...resolved, faults };
}

function clientFaults(client: unknown): ConfigFault[] {
  try {
    findServer(client);
  } catch (error) {
    const { faults } = error as SessionConfigError;
    return faults.map(({ message }) => ({ path: 'client', message }));
  }
  const { isCluster, masters } = client as { isCluster?: boolean; masters?: unknown };
  if (!isCluster && masters === undefined) return [];
  const message =
    'is the client of a Cluster, and the handler redis of PHP uses single servers; pass the client of the server in session.save_path';
  return [{ path: 'client', message }];
}
