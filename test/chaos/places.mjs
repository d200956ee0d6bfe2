// Where a campaign has its database: what can be killed, what is before it, and the ways there.
import { startHaproxy } from './haproxy.mjs';
import { startPair } from './pair.mjs';
import { startProxy } from './proxy.mjs';
import { startServer } from './server.mjs';

/** One server behind a proxy that can fail; whoever looks goes past the proxy. */
export async function oneServer() {
  const server = await startServer();
  const proxy = await startProxy(server.port);
  return {
    server,
    proxy,
    url: server.url,
    proxied: server.url.replace(`:${server.port}/`, `:${proxy.port}/`),
    async close() {
      proxy.close();
      await server.stop();
    },
  };
}

/** A primary and its replica behind HAProxy, which finds the primary for everybody. */
export const pairOf = (options) => async () => {
  const server = await startPair(options);
  const haproxy = await startHaproxy(server.ports);
  await haproxy.leads();
  return {
    server,
    url: haproxy.url,
    proxied: haproxy.url,
    async close() {
      await haproxy.close();
      await server.stop();
    },
  };
};
