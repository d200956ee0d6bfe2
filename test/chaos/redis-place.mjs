// Sessions in a Redis Cluster of the campaign's own.
import { startCluster } from './cluster.mjs';
import { now } from './journal.mjs';

/** Starts the Cluster. With `wait`, a write counts when the replica has it, which only the package `redis` can ask of a Cluster. */
export const clusterAt = (port, wait) => async () => {
  const server = await startCluster(port);
  const facts = { REDIS_PORTS: server.ports.join(), CLIENT: 'redis' };
  const waiting = { ...facts, WAIT_REPLICAS: 1 };
  return {
    server,
    environments: wait ? [waiting, waiting] : [facts, { ...facts, CLIENT: 'ioredis' }],
    observing: facts,
    async snapshot() {
      const rows = await server.rows();
      const at = now();
      const age = (seen) => Date.now() - seen;
      const facts = [...rows].map(([name, { state, version, sealed, seen, next }]) => [
        name,
        [`${version}:${state}:${sealed}`, at - age(seen), next],
      ]);
      return { at, rows: Object.fromEntries(facts) };
    },
    async close() {
      server.discard();
    },
  };
};

/** Milliseconds that a replica lags. The others do not take it for dead yet. */
const LAG = 400;

/** A primary is killed; its replica takes over, and it comes back as a replica. */
const failover = (name, lag) => ({
  name,
  slow: true,
  begin: ({ server, random }) => server.kill(random, lag),
  end: ({ server }) => server.recover(),
});

/** So many kills. On one machine a replica has every write at once, so every other kill is of a primary whose replica lags. */
export const failovers = (count) =>
  Array.from({ length: count }, (_, i) =>
    i % 2 ? failover('kill -9 of a primary', 0) : failover('kill -9 of a primary whose replica lags', LAG),
  );

/** Nothing happens. */
export const CALM = { name: 'none', begin() {}, end() {} };
