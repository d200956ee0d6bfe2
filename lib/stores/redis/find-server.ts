import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';
import { inNoRequest } from '../no-request.js';
import { queueSignal } from './queue-limit.js';
import type {
  Argument,
  IoRedis,
  NodeRedis,
  NodeRedisCluster,
  NodeRedisSentinel,
  RedisServer,
  Send,
} from './client.interface.js';

/** Makes node-redis return every text as bytes. 36 is the type of a text in Redis's protocol: `$`. */
const AS_BYTES = { 36: Buffer };

/** The options of a command of node-redis: no timer of its own, which version 6 would give it. */
const sent = () => ({ typeMapping: AS_BYTES, timeout: undefined, abortSignal: queueSignal() });

/** Returns the server behind a client of `redis` or `ioredis`. Throws a SessionConfigError for anything else. Commands are sent in
 *  the AsyncLocalStorage of no request: what a client begins for one, such as a timer, must not keep the request in memory. */
export function findServer(client: unknown): RedisServer {
  const server = serverOf(client);
  return { ...server, ask: (key, args) => inNoRequest(() => server.ask(key, args)) };
}

function serverOf(client: unknown): RedisServer {
  const { callBuffer, sendCommand, isOpen, masters } = Object(client) as Record<string, unknown>;
  if (typeof callBuffer === 'function') return ofIoRedis(client as IoRedis);
  if (typeof sendCommand !== 'function' || typeof isOpen !== 'boolean') throw clientFault(client);
  if (masters !== undefined) return ofNodeCluster(client as NodeRedisCluster);
  return 'getSentinelNode' in (client as object)
    ? ofNodeSentinel(client as NodeRedisSentinel)
    : ofNodeRedis(client as NodeRedis);
}

const ofNodeRedis = (client: NodeRedis): RedisServer => ({
  keyPrefix: '',
  isCluster: false,
  isOpen: () => client.isOpen,
  ask: (_, args) => client.sendCommand(args, sent()),
  primaries: async () => [(args) => client.sendCommand(args, sent())],
  unordered:
    'totalClients' in client ? 'a pool has several connections; use a client without a pool' : undefined,
});

const ofNodeSentinel = (client: NodeRedisSentinel): RedisServer => ({
  keyPrefix: '',
  isCluster: false,
  isOpen: () => client.isOpen,
  ask: (_, args) => client.sendCommand(false, args, sent()),
  primaries: async () => [(args) => client.sendCommand(false, args, sent())],
  unordered:
    'a client with Sentinel may have several connections to the primary; use a client of the primary or of a Cluster',
});

function ofNodeCluster(client: NodeRedisCluster): RedisServer {
  const sender = async (node: object): Promise<Send> => {
    const one = await client.nodeClient(node);
    return (args) => one.sendCommand(args, sent());
  };
  return {
    keyPrefix: '',
    isCluster: true,
    isOpen: () => client.isOpen,
    ask: (key, args) => client.sendCommand(key, false, args, sent()),
    primaries: () => Promise.all(client.masters.map(sender)),
    unordered: undefined,
  };
}

/** Returns the function of a client for a command: `call` fails with the client's option `enableAutoPipelining`. */
function senderOf(node: IoRedis): Send {
  const methods = node as unknown as Record<string, (...args: Argument[]) => Promise<unknown>>;
  return ([command, ...args]) => methods[`${String(command).toLowerCase()}Buffer`]!(...args);
}

function ofIoRedis(client: IoRedis): RedisServer {
  const nodes = async () => (client.isCluster ? clusterNodes(client) : [client]);
  return {
    keyPrefix: String(client.options.keyPrefix ?? ''),
    isCluster: client.isCluster,
    isOpen: () => client.status !== 'end',
    ask: (_, args: Argument[]) => senderOf(client)(args),
    primaries: async () => (await nodes()).map(senderOf),
    unordered: unorderedReason(client),
  };
}

/** ioredis forgets a primary whose connection has ended, until it looks at the Cluster again. */
async function clusterNodes(client: IoRedis): Promise<IoRedis[]> {
  if (hasLostOne(client)) await new Promise<void>((done) => client.refreshSlotsCache!(() => done()));
  if (hasLostOne(client)) throw Object.assign(new Error(LOST), { code: 'CLUSTERDOWN' });
  return client.nodes!('master');
}

function hasLostOne(client: IoRedis): boolean {
  const present = new Set(client.nodes!('master').map(({ options: { host, port } }) => `${host}:${port}`));
  return Boolean(client.slots?.some((servers) => servers?.[0] && !present.has(servers[0])));
}

const LOST = 'a primary of the Cluster is not connected';

function unorderedReason({ isCluster, options }: IoRedis): string | undefined {
  if (isCluster) return 'ioredis sends WAIT to any server of a Cluster; use the package redis';
  return options.autoResendUnfulfilledCommands === false
    ? undefined
    : 'ioredis sends commands again on a new connection; make the client with autoResendUnfulfilledCommands: false';
}

/** The fault of what is no client, with what was probably meant. */
function clientFault(client: unknown): SessionConfigError {
  const { url, host } = Object(client) as { url?: unknown; host?: unknown };
  const isAddress = typeof client === 'string' || url !== undefined || host !== undefined;
  const meant = isAddress ? '; for an address, write { client: await createClient({ url }).connect() }' : '';
  return faultOfClient(`is ${kindOf(client)}; allowed is a client of the package redis or ioredis${meant}`);
}

export const faultOfClient = (message: string, reason?: string) =>
  new SessionConfigError([{ path: 'store.client', message, reason }]);
