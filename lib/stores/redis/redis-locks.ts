import type { SessionLocks } from '../session-locks.interface.js';
import { nameOf } from './row-fields.js';
import type { ScriptRunner } from './script-runner.js';

/** Locks as keys of their own, each with a TTL. Nobody scans for them: {@link scanNames} knows only the keys of rows. */
export class RedisLocks implements SessionLocks {
  constructor(
    private readonly runner: ScriptRunner,
    private readonly prefix: string,
  ) {}

  async acquire(name: Buffer, holder: Buffer, milliseconds: number): Promise<boolean> {
    const { status } = await this.runner.run('acquire', this.keyOf(name), [holder, `${milliseconds}`]);
    return status === 'saved';
  }

  async renew(name: Buffer, holder: Buffer, milliseconds: number): Promise<boolean> {
    const { status } = await this.runner.run('renew', this.keyOf(name), [holder, `${milliseconds}`]);
    return status === 'saved';
  }

  async release(name: Buffer, holder: Buffer): Promise<void> {
    await this.runner.run('release', this.keyOf(name), [holder]);
  }

  private keyOf(name: Buffer): string {
    return `${this.prefix}lock:${nameOf(name)}`;
  }
}
