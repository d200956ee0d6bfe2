import { SessionStoreError } from '../../errors/session-store.error.js';
import { StoreClock } from '../store-clock.js';
import { beginWait, endWait, TimeoutError } from '../time-limit.js';
import type { Argument, RedisServer } from './client.interface.js';
import { isLost, isSoon, reasonOf } from './reply-error.js';
import type { Script, ScriptName } from './scripts.js';

/** How many replicas must have a write before it counts. */
export interface RedisWait {
  readonly replicas: number;
  /** Milliseconds that a write waits for them. */
  readonly timeout: number;
}

/** The reply of a script: its status, and what follows the server's time. */
export interface Reply {
  readonly status: string;
  readonly now: number;
  readonly rest: readonly (Buffer | null)[];
}

/** Runs the scripts, each within a time limit. */
export class ScriptRunner<N extends string = ScriptName> {
  readonly clock = new StoreClock();
  /** The moment of `performance.now()` at which a replica has answered first; `undefined` since a primary has. A start waits for
   *  a primary itself, so until the first answer nothing here does. */
  private demotedAt: number | undefined = -Infinity;

  constructor(
    private readonly server: RedisServer,
    /** Milliseconds that whoever waits for a script waits at most. */
    readonly budget: number,
    private readonly wait: RedisWait | undefined,
    private readonly scripts: Readonly<Record<N, Script>>,
  ) {}

  /** The moment of `performance.now()` at which a step that begins now must be done: `until` at the latest. */
  end(until = Infinity): number {
    return Math.min(until, performance.now() + this.budget);
  }

  /** Runs a script on one key until `end`. Asks a server again that is about to work, and repeats a script that does no harm when its answer was lost.
   *  Rejects with a SessionStoreError that contains the script's name and the code of the cause, and never an argument. Makes few
   *  promises, since each costs time in a process that uses AsyncLocalStorage. */
  run(name: N, key: string, args: Argument[] = [], end = this.end()): Promise<Reply> {
    return this.attempt(name, key, args, end).then(
      (reply) => (reply.status === 'late' ? this.repeat(name, key, args, end) : reply),
      (error: unknown) => this.pauseAfter(name, error, 1, end).then(() => this.repeat(name, key, args, end)),
    );
  }

  /** Runs a script once, to learn what the server says now: one that may take writes soon takes none yet. */
  once(name: N, key: string): Promise<Reply> {
    return this.attempt(name, key, [], this.end()).catch((error: unknown) => {
      throw error instanceof SessionStoreError ? error : new SessionStoreError(name, reasonOf(error));
    });
  }

  /** Makes further attempts after the first one. */
  private async repeat(name: N, key: string, args: Argument[], end: number): Promise<Reply> {
    for (let attempt = 2; ; attempt++) {
      try {
        const reply = await this.attempt(name, key, args, end);
        if (reply.status !== 'late') return reply;
        if (attempt > 2) throw new SessionStoreError(name, 'timeout');
      } catch (error) {
        await this.pauseAfter(name, error, attempt, end);
      }
    }
  }

  /** Pauses if a further attempt may do some good. Rejects with a SessionStoreError otherwise. */
  private async pauseAfter(name: N, error: unknown, attempt: number, end: number): Promise<void> {
    const reason = error instanceof SessionStoreError ? error.reason : reasonOf(error);
    const isElsewhere = reason === 'MOVED' && !this.server.isCluster; // and stays there
    const isHopeless = reason === 'READONLY' && this.staysReplica();
    const again =
      (isSoon(reason) && !isElsewhere && !isHopeless) || (this.scripts[name].isRepeatable && isLost(reason));
    if (!again || performance.now() >= end) throw new SessionStoreError(name, reason);
    await pause(attempt, end);
    if (performance.now() >= end) throw new SessionStoreError(name, reason);
  }

  /** Steps ask a replica again for one budget, in which it may be promoted, or the client may connect to the primary. Afterwards
   *  each asks it once, so that requests do not wait in vain. */
  private staysReplica(): boolean {
    this.demotedAt ??= performance.now();
    return performance.now() > this.demotedAt + this.budget;
  }

  private attempt(name: N, key: string, args: Argument[], end: number): Promise<Reply> {
    const { text, sha, isRead } = this.scripts[name];
    const durable = this.wait && !isRead;
    const ask = (command: Argument[]) =>
      durable ? this.askDurably(name, key, command) : this.server.ask(key, command);
    const rest = ['1', key, `${this.clock.at(end)}`, ...args];
    const sent = performance.now();
    return new Promise((resolve, reject) => {
      const wait = { until: end, late: () => reject(new TimeoutError('timeout')) };
      const failed = (error: unknown) => {
        endWait(wait);
        reject(error as Error);
      };
      const answered = (reply: unknown) => {
        endWait(wait);
        try {
          resolve(this.replyOf(name, reply, sent));
        } catch (error) {
          reject(error as Error);
        }
      };
      beginWait(wait);
      try {
        ask(['EVALSHA', sha, ...rest]).then(answered, (error: unknown) => {
          if (reasonOf(error) !== 'NOSCRIPT') return failed(error);
          ask(['EVAL', text, ...rest]).then(answered, failed); // Redis keeps it from now on
        });
      } catch (error) {
        failed(error);
      }
    });
  }

  private replyOf(name: N, reply: unknown, sent: number): Reply {
    const [status, at, ...rest] = reply as [Buffer | null, unknown, ...(Buffer | null)[]];
    const now = Number(at);
    if (!Number.isFinite(now)) throw new SessionStoreError(name, 'malformed'); // a proxy between may answer anything
    this.clock.learn(now, sent, performance.now());
    this.demotedAt = undefined;
    return { status: status?.toString() ?? '', now, rest };
  }

  /** Sends a write and, in the same tick, WAIT, which counts the replicas that have all writes of its connection. */
  private async askDurably(name: string, key: string, command: Argument[]): Promise<unknown> {
    const { replicas, timeout } = this.wait!;
    const [reply, count] = await Promise.allSettled([
      this.server.ask(key, command),
      this.server.ask(key, ['WAIT', `${replicas}`, `${timeout}`]),
    ]);
    if (reply.status === 'rejected') throw reply.reason;
    if (count.status === 'rejected') throw count.reason;
    if (Number(count.value) < replicas) throw new SessionStoreError(name, 'WAIT');
    return reply.value;
  }
}

/** Waits a random time of at most 20, 40, 80 … 320 ms, and not beyond `end`. */
const pause = (attempt: number, end: number): Promise<void> => {
  const longest = Math.random() * Math.min(320, 10 * 2 ** attempt);
  return new Promise((resolve) => setTimeout(resolve, Math.min(longest, Math.ceil(end - performance.now()))));
};
