// The store of the application under test, as its environment asks: in Postgres or in a Redis Cluster, whole or a mutant.
import { TypeOrmModule } from '@nestjs/typeorm';
import { RedisStore } from 'nestjs-session-crypto/redis';
import { TypeOrmStore } from 'nestjs-session-crypto/typeorm';
import { MUTANTS } from './mutants.mjs';

/** Resolves to the store, and the modules that it needs. */
export async function storeOf({ DATABASE_URL, TABLE, REDIS_PORTS, CLIENT, WAIT_REPLICAS, MUTANT = 'none' }) {
  const mutated = MUTANTS[MUTANT];
  if (!REDIS_PORTS)
    return {
      imports: [TypeOrmModule.forRoot({ type: 'postgres', url: DATABASE_URL })],
      store: new (mutated(TypeOrmStore))({ table: TABLE }),
    };
  const client = await CLIENTS[CLIENT](REDIS_PORTS.split(',').map(Number));
  const wait = WAIT_REPLICAS && { replicas: Number(WAIT_REPLICAS), timeout: 1000 };
  return { imports: [], store: new (mutated(RedisStore))({ client, ...(wait && { wait }) }) };
}

const quiet = (client) => client.on('error', () => {}); // the store's own errors are judged

const CLIENTS = {
  async redis(ports) {
    const { createCluster } = await import('redis6');
    const rootNodes = ports.map((port) => ({ url: `redis://127.0.0.1:${port}` }));
    const client = quiet(createCluster({ rootNodes }));
    await client.connect();
    return client;
  },
  async ioredis(ports) {
    const { Cluster } = await import('ioredis6');
    return quiet(new Cluster(ports.map((port) => ({ host: '127.0.0.1', port }))));
  },
};
