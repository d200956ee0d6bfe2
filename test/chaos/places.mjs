// Where a campaign has its sessions: what can be killed, what is before it, the environments of the two applications that change
// them and of the one that looks, and what the place itself shows of each row.
import { startHaproxy } from './haproxy.mjs';
import { startPair } from './pair.mjs';
import { startPatroni } from './patroni.mjs';
import { startProxy } from './proxy.mjs';
import { startServer } from './server.mjs';
import { createTable, snapshot, TABLE } from './table.mjs';

/** The sessions in a database. The writers go by the way `proxied`. */
async function inPostgres(url, proxied = url) {
  await createTable(url);
  const writing = { TABLE, DATABASE_URL: proxied };
  return {
    environments: [writing, writing],
    observing: { TABLE, DATABASE_URL: url },
    snapshot: () => snapshot(url),
  };
}

/** One server behind a proxy that can fail; whoever looks goes past the proxy. */
export async function oneServer() {
  const server = await startServer();
  const proxy = await startProxy(server.port);
  return {
    server,
    proxy,
    ...(await inPostgres(server.url, server.url.replace(`:${server.port}/`, `:${proxy.port}/`))),
    async close() {
      proxy.close();
      await server.stop();
    },
  };
}

/** A primary and its replica behind HAProxy, which finds the primary for everybody. */
export const pairOf = (options) => async () => behindHaproxy(await startPair(options));

/** The same under Patroni, which promotes by itself. */
export const patroniPair = async () => behindHaproxy(await startPatroni());

async function behindHaproxy(server) {
  const haproxy = await startHaproxy(server.ports, server.checks);
  await haproxy.leads();
  return {
    server,
    ...(await inPostgres(haproxy.url)),
    async close() {
      await haproxy.close();
      await server.stop();
    },
  };
}
