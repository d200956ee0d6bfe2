export type { RedisStoreOptions } from './options.js';
export { redisRevocation, type RedisRevocationOptions } from './redis-revocation.js';
export { RedisKeyStore, redisKeyStore, type RedisKeyStoreOptions } from './redis-key.store.js';
export { RedisStore, redisStore } from './redis.store.js';
export type { RedisWait } from './script-runner.js';
