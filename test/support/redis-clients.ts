/** Redis servers of the tests' own, and clients of every kind for them. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis';
import { Cluster as Cluster6, Redis as Redis6 } from 'ioredis6';
import * as redis5 from 'redis';
import * as redis6 from 'redis6';

export interface RunningRedis {
  readonly port: number;
  /** Stops the process where it is, as a machine that hangs does, or lets it go on. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** A port that was free a moment ago. Its bus of a Cluster would be 10,000 above. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port < 50_000 ? port : freePort();
}

/** Starts a server on loopback. */
export async function runRedis(...settings: string[]): Promise<RunningRedis> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'session-crypto-redis-'));
  const args = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder, ...settings];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of server.stdout) if (String(chunk).includes('eady to accept connections')) break;
  server.stdout.resume();
  return {
    port,
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    async stop() {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    },
  };
}

/** Starts a Cluster of three primaries without replicas. */
export async function runCluster(): Promise<
  Pick<RunningRedis, 'port' | 'stop'> & {
    readonly ports: readonly number[];
    readonly nodes: readonly RunningRedis[];
  }
> {
  const settings = ['--cluster-enabled', 'yes', '--save', '', '--appendonly', 'no'];
  const nodes = [await runRedis(...settings), await runRedis(...settings), await runRedis(...settings)];
  const ports = nodes.map(({ port }) => port);
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  execFileSync('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'], { stdio: 'pipe' });
  return {
    port: ports[0]!,
    ports,
    nodes,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

/** A client and the way to close it. */
export interface Connected {
  readonly client: object;
  close(): unknown;
}

const url = (port: number) => `redis://127.0.0.1:${port}`;

const connected = async <C extends { connect(): Promise<unknown>; destroy(): unknown; on: unknown }>(
  client: C,
): Promise<Connected> => {
  (client as { on(event: 'error', listener: () => void): unknown }).on('error', () => undefined);
  await client.connect();
  return { client, close: () => client.destroy() };
};

const quiet = (client: Redis5 | Redis6 | Cluster5 | Cluster6): Connected => {
  (client as Redis5).on('error', () => undefined);
  return { client, close: () => client.disconnect() };
};

/** Makes a client of a single server. */
export const SINGLE: Readonly<Record<string, (port: number) => Promise<Connected>>> = {
  'redis 6': (port) => connected(redis6.createClient({ url: url(port) })),
  'redis 5': (port) => connected(redis5.createClient({ url: url(port) })),
  'ioredis 6': async (port) => quiet(new Redis6(port, '127.0.0.1')),
  'ioredis 5': async (port) => quiet(new Redis5(port, '127.0.0.1')),
};

/** Makes a client of a Cluster. */
export const CLUSTER: Readonly<Record<string, (ports: readonly number[]) => Promise<Connected>>> = {
  'redis 6': (ports) =>
    connected(redis6.createCluster({ rootNodes: ports.map((port) => ({ url: url(port) })) })),
  'redis 5': (ports) =>
    connected(redis5.createCluster({ rootNodes: ports.map((port) => ({ url: url(port) })) })),
  'ioredis 6': async (ports) => quiet(new Cluster6(ports.map((port) => ({ host: '127.0.0.1', port })))),
  'ioredis 5': async (ports) => quiet(new Cluster5(ports.map((port) => ({ host: '127.0.0.1', port })))),
};
