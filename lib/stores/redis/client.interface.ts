/** A part of a command: Redis takes texts and bytes alike. */
export type Argument = string | Buffer;

/** A client of `ioredis`, single, with Sentinel or of a Cluster, as far as it is used. */
export interface IoRedis {
  readonly status: string;
  readonly isCluster: boolean;
  readonly options: {
    readonly autoResendUnfulfilledCommands?: boolean;
    readonly keyPrefix?: string | Buffer;
    readonly host?: string;
    readonly port?: number;
  };
  nodes?(role: 'master'): IoRedis[];
  /** The names `host:port` of the servers of each slot, the primary first; only with a Cluster. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  /** Looks at the Cluster again; only with a Cluster. */
  refreshSlotsCache?(done: () => void): void;
}

/** How a client of `redis` returns texts, and how long a command waits in its queue. */
interface CommandOptions {
  readonly typeMapping: Readonly<Record<number, BufferConstructor>>;
  readonly timeout: undefined;
  readonly abortSignal: AbortSignal;
}

/** A single client of `redis` (node-redis), as far as it is used. */
export interface NodeRedis {
  sendCommand(args: Argument[], options: CommandOptions): Promise<unknown>;
  readonly isOpen: boolean;
}

/** A client with Sentinel of `redis` (node-redis), as far as it is used. */
export interface NodeRedisSentinel {
  sendCommand(isReadonly: boolean, args: Argument[], options: CommandOptions): Promise<unknown>;
  readonly isOpen: boolean;
}

/** A Cluster's client of `redis` (node-redis), as far as it is used. */
export interface NodeRedisCluster {
  sendCommand(
    key: string | undefined,
    isReadonly: boolean,
    args: Argument[],
    options: CommandOptions,
  ): Promise<unknown>;
  readonly isOpen: boolean;
  readonly masters: readonly object[];
  /** Connects to the node first, if need be. */
  nodeClient(node: object): NodeRedis | Promise<NodeRedis>;
}

/** Sends a command, and resolves to its reply. Texts of the reply are Buffers. */
export type Send = (args: Argument[]) => Promise<unknown>;

/** A Redis server or Cluster, through whatever client. */
export interface RedisServer {
  /** False if the client was never connected, or was closed. */
  isOpen(): boolean;
  /** Sends a command about one key to the primary that has it. */
  ask(key: string, args: Argument[]): Promise<unknown>;
  /** What the client itself puts before each key. SCAN returns keys with it, and its pattern must contain it. */
  readonly keyPrefix: string;
  /** True for a client that finds the server of each key in a Cluster. */
  readonly isCluster: boolean;
  /** One function for each primary. Rejects with the code `CLUSTERDOWN` if the client has lost one, whose keys would be missed. */
  primaries(): Promise<readonly Send[]>;
  /** Two commands about one key that are sent in the same tick travel over the same connection, or the second one fails.
   *  `undefined`: they do. Otherwise the reason why they may not, and the remedy. */
  readonly unordered: string | undefined;
}
