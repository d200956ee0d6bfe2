import { createHash } from 'node:crypto';
import { within } from '../time-limit.js';
import type { RedisServer } from './client.interface.js';
import type { ScriptRunner } from './script-runner.js';

/** Milliseconds that an entry stays longer than its row's deadline. The deadline moves with each touch, and the entry need not
 *  follow so often. */
const SLACK = 6 * 3_600_000;

/** The keys of a subject's rows: a sorted set for each subject, whose scores are the moments at which the entries may go. An
 *  entry says only where to look: whoever reads it loads the row, and trusts the row alone. */
export class SubjectIndex {
  constructor(
    private readonly server: RedisServer,
    private readonly runner: ScriptRunner,
    private readonly prefix: string,
  ) {}

  /** Adds an entry before its row is written, so that no row of a subject is without one. Resolves to the moment until which
   *  it stays. */
  async enter(subject: string, name: string, deadline: number, end: number): Promise<number> {
    const until = deadline + SLACK;
    await this.runner.run('enter', this.keyOf(subject), [name, `${until}`], end);
    return until;
  }

  /** Removes entries whose rows have ended. They would go by themselves when their time is over, so a failure does no harm. */
  async leave(subject: string, names: readonly string[], end: number): Promise<void> {
    const key = this.keyOf(subject);
    if (names.length) await within(end, this.server.ask(key, ['ZREM', key, ...names])).catch(() => undefined);
  }

  /** Returns the names of all rows that the subject may have. A script, since a client may read from a replica, which could
   *  lack the newest ones. */
  async names(subject: string, end: number): Promise<string[]> {
    const { rest } = await this.runner.run('names', this.keyOf(subject), [], end);
    return (rest[0] as unknown as Buffer[]).map(String);
  }

  private keyOf(subject: string): string {
    return `${this.prefix}subject:${createHash('sha256').update(subject).digest('base64url')}`;
  }
}
