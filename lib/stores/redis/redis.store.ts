import { randomBytes } from 'node:crypto';
import type { Awaitable } from '../../crypto/awaitable.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import { inBatches } from '../in-batches.js';
import type { AuditFinding } from '../audit-finding.interface.js';
import type { SessionLocks } from '../session-locks.interface.js';
import type {
  FoundRow,
  ListedRow,
  LoadedRow,
  ReplaceResult,
  ResolveToken,
  RowChange,
  SessionRow,
  SessionStore,
  StoreLimits,
  Tombstone,
} from '../session-store.interface.js';
import { BUDGET, within } from '../time-limit.js';
import type { RedisServer } from './client.interface.js';
import { findServer } from './find-server.js';
import { checkOptions, DEFAULT_PREFIX, type RedisStoreOptions } from './options.js';
import { RedisLocks } from './redis-locks.js';
import { RedisRows } from './redis-rows.js';
import { listedRow, nameOf } from './row-fields.js';
import { ScriptRunner } from './script-runner.js';
import { inspectServer } from './inspect-server.js';
import { SCRIPTS } from './scripts.js';
import { scanNames } from './scan-names.js';
import { SubjectIndex } from './subject-index.js';

/** Rows of a subject that are asked at once. */
const AT_ONCE = 100;

/** A moment before every session. */
const BEGINNING = new Date(0);

/** The parts of a store that is open. */
interface Opened {
  readonly server: RedisServer;
  readonly runner: ScriptRunner;
  readonly rows: RedisRows;
  readonly index: SubjectIndex;
  readonly locks: SessionLocks;
}

/** Keeps sessions in Redis or Valkey: one hash for each session, and a sorted set for each subject. Every step is one script on
 *  one key, so it runs on a Cluster too. The client stays the application's. */
export class RedisStore implements SessionStore {
  readonly kind = 'redis';
  readonly name: string;
  readonly guarded = true;
  readonly locks: SessionLocks = {
    acquire: async (...args) => this.parts('acquire').locks.acquire(...args),
    renew: async (...args) => this.parts('renew').locks.renew(...args),
    release: async (...args) => this.parts('release').locks.release(...args),
  };
  readonly listsAll = true;
  private opened: Opened | undefined;
  private findings: readonly AuditFinding[] = [];
  /** A private field: a client holds its password. */
  readonly #options: RedisStoreOptions;

  /** Throws a SessionConfigError for wrong options. */
  constructor(options: RedisStoreOptions) {
    checkOptions(options);
    this.#options = options;
    this.name = options.prefix ?? DEFAULT_PREFIX;
  }

  /** Asks the server for its version and settings. Rejects with a SessionConfigError if it cannot keep sessions. */
  async open(_resolve: ResolveToken, { timeout }: StoreLimits = { timeout: 5000 }): Promise<void> {
    const { client, wait } = this.#options;
    const server = findServer(client);
    const runner = new ScriptRunner(server, BUDGET * timeout, wait, SCRIPTS);
    this.findings = await inspectServer(server, runner, `${this.name}start`);
    this.opened = partsOf(server, runner, this.name);
  }

  close(): void {
    this.opened = undefined;
  }

  now(): Date {
    return this.opened?.runner.clock.now() ?? new Date();
  }

  load(key: Buffer): Promise<LoadedRow | undefined> {
    return this.opened ? this.opened.rows.load(key) : notOpen('load');
  }

  async create(row: SessionRow, until?: number): Promise<void> {
    const { rows, runner } = this.parts('create');
    await rows.create(row, undefined, undefined, runner.end(until));
  }

  replace(row: SessionRow, version: number, until?: number): Promise<ReplaceResult> {
    if (!this.opened) return notOpen('replace');
    const { rows, runner } = this.opened;
    return rows.replace(row, version, undefined, runner.end(until));
  }

  async move(
    oldKey: Buffer,
    version: number,
    row: SessionRow,
    tombstone: Tombstone,
    until?: number,
  ): Promise<ReplaceResult> {
    const { rows, runner } = this.parts('move');
    return rows.move(oldKey, version, row, tombstone, undefined, runner.end(until));
  }

  async destroy(key: Buffer, deadline: Date, until?: number): Promise<boolean> {
    const { rows, runner } = this.parts('destroy');
    return rows.destroy(nameOf(key), deadline, undefined, runner.end(until));
  }

  /** Waits for a lock, as others do: what its holder saves has been read before the touch. */
  async touch(row: SessionRow, version: number): Promise<boolean> {
    const { rows, runner } = this.parts('touch');
    const end = runner.end();
    const touched = await whileLocked('touch', end, () => rows.touch(row, version, end));
    return touched === 'saved';
  }

  /** Others wait for the lock until it is free. It is free when its time is over, whatever becomes of this process. */
  async updateLocked(
    key: Buffer,
    change: (current: LoadedRow) => Awaitable<RowChange | undefined>,
    until?: number,
  ): Promise<ReplaceResult> {
    const { rows, runner } = this.parts('updateLocked');
    const [holder, end] = [randomBytes(9).toString('base64url'), runner.end(until)];
    const current = await lockOf(rows, key, holder, end);
    if (!current) return 'gone';
    try {
      const changed = await within(end, Promise.resolve(change(current)));
      if (!changed) return 'conflict';
      const { row, tombstone } = changed;
      return await (tombstone
        ? rows.move(key, current.version, row, tombstone, holder, end)
        : rows.replace(row, current.version, holder, end));
    } finally {
      await rows.unlock(key, holder, end);
    }
  }

  /** Looks again where a row is not live: it may have moved, and its new row has an entry since before that. */
  async list(subject: string): Promise<ListedRow[]> {
    const { index, rows, runner } = this.parts('list');
    const end = runner.end();
    const listed = new Map<string, ListedRow | undefined>();
    for (let again = true; again;) {
      const names = (await index.names(subject, end)).filter((name) => !listed.has(name));
      const facts = await inBatches(names, AT_ONCE, (name) => rows.describe(name, end));
      facts.forEach((one, i) => {
        const isOurs = one?.subject === subject;
        listed.set(names[i]!, isOurs ? listedRow(names[i]!, one) : undefined);
      });
      again = facts.some((one) => one?.subject !== subject);
    }
    const live = [...listed.values()].filter((row) => row !== undefined);
    return live.toSorted((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime());
  }

  /** Repeats until a scan finds no entry that was not there before, and no live row. A row that is being moved has its entry
   *  before the old row is buried, so the next scan finds it. */
  async destroySubject(subject: string, deadline: Date, except: Buffer | undefined): Promise<number> {
    const { index, rows, runner } = this.parts('destroySubject');
    const end = runner.end();
    const kept = except && nameOf(except);
    const known = new Set<string>();
    for (let total = 0, scans = 1; ; scans++) {
      const names = (await index.names(subject, end)).filter((name) => name !== kept);
      const ended = await inBatches(names, AT_ONCE, (name) => rows.destroy(name, deadline, subject, end));
      const endedNames = names.filter((_, i) => ended[i]);
      total += endedNames.length;
      await index.leave(subject, endedNames, end);
      if (scans > 1 && !endedNames.length && names.every((name) => known.has(name))) return total;
      for (const name of names) known.add(name);
    }
  }

  /** Looks at every key of the server, so it is for administration. */
  async count(seenAfter = BEGINNING): Promise<number> {
    const { server, rows, runner } = this.parts('count');
    let count = 0;
    for await (const names of scanNames(server, this.name, () => runner.end())) {
      const found = await inBatches(names, AT_ONCE, (name) => rows.describe(name));
      count += found.filter((row) => row && row.lastSeenAt > seenAfter).length;
    }
    return count;
  }

  /** Writes a key of its own, on any primary of a Cluster. */
  async ping(): Promise<void> {
    await this.parts('ping').runner.once('ping', `${this.name}ping:${randomBytes(6).toString('hex')}`);
  }

  async *scanAll(): AsyncGenerator<FoundRow> {
    const { server, rows, runner } = this.parts('scanAll');
    for await (const names of scanNames(server, this.name, () => runner.end())) {
      const found = await inBatches(names, AT_ONCE, (name) => rows.find(name));
      yield* found.filter((row) => row !== undefined);
    }
  }

  /** What the server said of itself when the store was opened. */
  audit(): readonly AuditFinding[] {
    return this.findings;
  }

  warnings(): readonly string[] {
    const serious = this.findings.filter(({ level }) => level === 'danger' || level === 'warning');
    return serious.map(({ value, message, remedy }) => `redisStore: ${value}: ${message}; ${remedy}`);
  }

  private parts(operation: string): Opened {
    if (!this.opened) throw new SessionStoreError(operation, 'not open');
    return this.opened;
  }
}

const notOpen = (operation: string) => Promise.reject(new SessionStoreError(operation, 'not open'));

function partsOf(server: RedisServer, runner: ScriptRunner, prefix: string): Opened {
  const index = new SubjectIndex(server, runner, prefix);
  const rows = new RedisRows(runner, index, prefix);
  return { server, runner, index, rows, locks: new RedisLocks(runner, prefix) };
}

/** Locks a row. Resolves to `undefined` if there is no live row. */
async function lockOf(rows: RedisRows, key: Buffer, holder: string, end: number) {
  const current = await whileLocked('updateLocked', end, () => rows.lock(key, holder, end));
  return current === 'gone' ? undefined : current;
}

/** Repeats `ask` while somebody has locked the row, until `end`. */
async function whileLocked<T>(operation: string, end: number, ask: () => Promise<T | 'locked'>): Promise<T> {
  for (let attempt = 1; performance.now() < end; attempt++) {
    const answer = await ask();
    if (answer !== 'locked') return answer;
    const longest = Math.min(64, 2 ** attempt);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
  }
  throw new SessionStoreError(operation, 'timeout');
}

/** Returns a store that keeps sessions in Redis or Valkey, through a connected client of the package `redis` or `ioredis`: of a
 *  single server, with Sentinel, or of a Cluster. Throws a SessionConfigError for wrong options. */
export const redisStore = (options: RedisStoreOptions): RedisStore => new RedisStore(options);
