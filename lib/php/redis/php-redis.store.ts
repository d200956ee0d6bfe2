import type { ConfigFault } from '../../errors/session-config.error.js';
import { SessionConfigError } from '../../errors/session-config.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type { ForeignParts, ForeignStore, PhpIdFormat } from '../../persistence/foreign-store.interface.js';
import type { SessionRepository } from '../../persistence/session-repository.interface.js';
import type { AuditFinding } from '../../stores/audit-finding.interface.js';
import { findServer } from '../../stores/redis/find-server.js';
import { inspectServer } from '../../stores/redis/inspect-server.js';
import { ScriptRunner } from '../../stores/redis/script-runner.js';
import type { ResolveToken, StoreLimits } from '../../stores/session-store.interface.js';
import { BUDGET } from '../../stores/time-limit.js';
import { PHP_SERIALIZERS } from '../serializer/php-serializer.js';
import { IgnoredFileWarnings } from '../shared/ignored-file-warnings.js';
import { LONGEST_ID } from '../shared/session-id.js';
import { SharedCodec } from '../shared/shared.codec.js';
import { SharedRepository } from '../shared/shared.repository.js';
import { auditPhpRedis } from './php-redis-audit.js';
import { resolvePhpRedis, type PhpRedisStoreOptions, type ResolvedPhpRedis } from './php-redis-options.js';
import { PHP_REDIS_SCRIPTS, type PhpRedisScript } from './php-redis-scripts.js';
import { RedisPlace } from './redis-place.js';

/** Seconds for which an end is noted at least if sessions have no absolute timeout: 30 days. */
const END_KEPT = 2_592_000;

const ENDLESS =
  'needs session.idleTimeout: php-redis lets every session expire after session.gc_maxlifetime; write the same number';

/** Shares the sessions that PHP keeps in Redis by `session.save_handler = redis`. Reads, writes and locks them as php-redis does. */
export class PhpRedisStore implements ForeignStore {
  readonly kind = 'php-redis';
  readonly name = 'session';
  /** The default of `cookie.name`, because both sides must read the same cookie. */
  readonly cookieName = 'PHPSESSID';
  private readonly options: ResolvedPhpRedis;
  private readonly warnings = new IgnoredFileWarnings();
  private findings: readonly AuditFinding[] = [];
  private runner: ScriptRunner<PhpRedisScript> | undefined;
  private isEndless = false;
  /** A private field: a client holds its password. */
  readonly #client: object;

  constructor(options: PhpRedisStoreOptions) {
    this.options = resolvePhpRedis(options);
    this.#client = options.client;
  }

  /** Returns the random bits of an id. The options refuse fewer than 128. */
  idBits({ length, bitsPerCharacter }: PhpIdFormat): number {
    return length * bitsPerCharacter;
  }

  /** Returns every fault of the options of this store, and one for ids that are too long. */
  check({ length }: PhpIdFormat): ConfigFault[] {
    const message = `is no store for ids of ${length} characters; allowed: ${LONGEST_ID} or less; write id.length: 48`;
    return [...this.options.faults, ...(length > LONGEST_ID ? [{ path: '', message }] : [])];
  }

  get equalParameters(): readonly unknown[] {
    const { serializer, prefix, subjectKey = '' } = this.options;
    return [serializer, prefix, subjectKey];
  }

  /** Returns the promises that do not hold for shared sessions, and what the server said of itself. */
  audit(): readonly AuditFinding[] {
    return [...auditPhpRedis(this.options), ...this.findings];
  }

  /** Rejects with a SessionConfigError if the server cannot keep sessions. */
  async open(_resolve: ResolveToken, { timeout }: StoreLimits = { timeout: 5000 }): Promise<void> {
    if (this.isEndless) throw new SessionConfigError([{ path: 'store', message: ENDLESS }]);
    const server = findServer(this.#client);
    const runner = new ScriptRunner(server, BUDGET * timeout, undefined, PHP_REDIS_SCRIPTS);
    this.findings = await inspectServer(server, runner, `${this.options.prefix}start`);
    this.runner = runner;
  }

  close(): void {
    this.runner = undefined;
  }

  now(): Date {
    return this.runner?.clock.now() ?? new Date();
  }

  /** Returns the repository of one context. Is called for every context before {@link open}. */
  repository(parts: ForeignParts): SessionRepository {
    const { warnings, options } = this;
    const { serializer, subjectKey, prefix } = options;
    const { timeouts, payloadLimit, rowCodec } = parts;
    const { idleTimeout, absoluteTimeout } = timeouts;
    const lifetime = 1000 * idleTimeout;
    // PHP can keep a session that it has written back until its absolute timeout, which began before the end.
    const endKept = 1000 * Math.max(idleTimeout, absoluteTimeout || END_KEPT);
    this.isEndless ||= !lifetime;
    const sharedCodec = new SharedCodec({
      serializer: PHP_SERIALIZERS[serializer],
      subjectKey,
      rowCodec: rowCodec!, // absent only with crypto.format, which the options refuse beside this store
      timeouts,
      payloadLimit,
      onOtherSerializer: () => warnings.warnOfSerializer(serializer, parts.tell),
    });
    const folder = () => new RedisPlace({ runner: this.opened('load'), lifetime, endKept }, prefix);
    return new SharedRepository({ ...parts, sharedCodec, warnings, folder });
  }

  /** Redis removes what has expired. */
  async prune(): Promise<number> {
    return 0;
  }

  private opened(operation: string): ScriptRunner<PhpRedisScript> {
    if (!this.runner) throw new SessionStoreError(operation, 'not open');
    return this.runner;
  }
}

/** Returns a store for the sessions that a PHP keeps in Redis (`session.save_handler = redis`). They are not sealed, so that both sides
 *  can read and write them. docs/php.md lists the promises that do not hold there. */
export const phpRedisStore = (options: PhpRedisStoreOptions): PhpRedisStore => new PhpRedisStore(options);
