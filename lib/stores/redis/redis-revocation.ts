import { revocationIn, type RevocationOptions, type RevocationSource } from '../revocation.js';
import type { RedisStoreOptions } from './options.js';
import { redisStore } from './redis.store.js';

export interface RedisRevocationOptions extends RedisStoreOptions, RevocationOptions {}

/** Returns a source of revocations in Redis or Valkey. Throws a SessionConfigError for wrong options. */
export const redisRevocation = ({ generations, ...options }: RedisRevocationOptions): RevocationSource =>
  revocationIn('redisRevocation', generations, () => redisStore(options));
