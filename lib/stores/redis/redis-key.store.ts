import { SessionConfigError } from '../../errors/session-config.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type { AuditFinding } from '../audit-finding.interface.js';
import { plainRow, readRow } from '../key-row.js';
import type { KeyRow, KeyRowStore, LoadedKeys } from '../key-row-store.interface.js';
import type { ResolveToken, StoreLimits } from '../session-store.interface.js';
import { findServer } from './find-server.js';
import { inspectServer } from './inspect-server.js';
import { KEY_SCRIPTS, type KeyScriptName } from './key-scripts.js';
import { checkOptions } from './options.js';
import { ScriptRunner, type Reply, type RedisWait } from './script-runner.js';
import { BUDGET } from '../time-limit.js';

export interface RedisKeyStoreOptions {
  /** A connected client of the package `redis` (node-redis 5 or later) or of `ioredis` (5 or later): of a single server, with
   *  Sentinel, or of a Cluster. */
  readonly client: object;
  /** What the name of each ring's hash begins with. @default 'session_crypto_keys:' */
  readonly prefix?: string;
  /** A write counts when so many replicas have it too, within `timeout` milliseconds; otherwise it fails.
   *  @default the primary alone decides
   *  @see Redis `WAIT` */
  readonly wait?: RedisWait;
}

const DEFAULT_PREFIX = 'session_crypto_keys:';

/** Keeps the keys of managed rings in Redis or Valkey: one hash for each ring, without a time to live. The client stays the
 *  application's. */
export class RedisKeyStore implements KeyRowStore {
  readonly kind = 'redis';
  readonly name: string;
  private runner: ScriptRunner<KeyScriptName> | undefined;
  private findings: readonly AuditFinding[] = [];
  /** A private field: a client holds its password. */
  readonly #options: RedisKeyStoreOptions;

  /** Throws a SessionConfigError for wrong options. */
  constructor(options: RedisKeyStoreOptions) {
    try {
      checkOptions(options, 'redisKeyStore()');
    } catch (error) {
      throw belowRing(error);
    }
    this.#options = options;
    this.name = options.prefix ?? DEFAULT_PREFIX;
  }

  /** Asks the server for its version and settings. Rejects with a SessionConfigError if it cannot keep keys. */
  async open(_resolve: ResolveToken, { timeout }: StoreLimits = { timeout: 5000 }): Promise<void> {
    const { client, wait } = this.#options;
    const server = findServer(client);
    const runner = new ScriptRunner(server, BUDGET * timeout, wait, KEY_SCRIPTS);
    this.findings = await inspectServer(server, runner, `${this.name}start`).catch((error: unknown) => {
      throw belowRing(error);
    });
    this.runner = runner;
  }

  close(): void {
    this.runner = undefined;
  }

  async load(ring: string): Promise<LoadedKeys> {
    const { rest, now } = await this.run('loadKeys', ring);
    const rows = rest.map((text) => readRow(parsed(String(text))));
    return { rows: rows.toSorted((a, b) => a.id - b.id), now: new Date(now) };
  }

  async insert(ring: string, row: KeyRow): Promise<boolean> {
    return isSaved(await this.run('insertKey', ring, [`${row.id}`, JSON.stringify(plainRow(row))]));
  }

  async update(ring: string, row: KeyRow): Promise<boolean> {
    const args = [`${row.id}`, `${row.version - 1}`, JSON.stringify(plainRow(row))];
    return isSaved(await this.run('updateKey', ring, args));
  }

  async remove(ring: string, id: number, version: number): Promise<boolean> {
    return isSaved(await this.run('removeKey', ring, [`${id}`, `${version}`]));
  }

  warnings(): readonly string[] {
    const serious = this.findings.filter(({ level }) => level === 'danger' || level === 'warning');
    return serious.map(({ value, remedy }) => `redisKeyStore: ${value}: keys can be lost; ${remedy}`);
  }

  private run(name: KeyScriptName, ring: string, args: string[] = []): Promise<Reply> {
    if (!this.runner) return Promise.reject(new SessionStoreError(name, 'not open'));
    return this.runner.run(name, this.name + ring, args);
  }
}

/** An empty object for what is no JSON, so that it is refused as every malformed row. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Names the option of the ring: the parts know their options as those of the session's store. */
function belowRing(error: unknown): unknown {
  if (!(error instanceof SessionConfigError)) return error;
  return new SessionConfigError(
    error.faults.map(({ path, message }) => ({
      path: path.replace(/^store\b/, 'crypto.ring.store'),
      message,
    })),
  );
}

const isSaved = ({ status }: Reply): boolean => status === 'saved';

/** Returns a store for the keys of managed rings in Redis or Valkey. Throws a SessionConfigError for wrong options. */
export const redisKeyStore = (options: RedisKeyStoreOptions): RedisKeyStore => new RedisKeyStore(options);
