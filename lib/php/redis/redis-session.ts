import type { Reply, ScriptRunner } from '../../stores/redis/script-runner.js';
import { lockedFault } from '../shared/file-lock.js';
import type { SharedContent, SharedFile } from '../shared/shared-place.interface.js';
import type { PhpRedisScript } from './php-redis-scripts.js';

/** The code of the error for a session that a page of PHP has written without a lock, so that it has to be read again. */
export const CHANGED = 'changed';

/** What all sessions of one context have in common. */
export interface RedisSessionParts {
  readonly runner: ScriptRunner<PhpRedisScript>;
  /** Milliseconds after which an unused session ends. */
  readonly lifetime: number;
  /** Milliseconds for which the end of a session is noted. */
  readonly endKept: number;
}

/** One session of php-redis as it was read. It expires by Redis's own clock, which php-redis sets with each write. */
export class RedisSession implements SharedFile {
  private isFresh = false;
  private isFree = false;

  constructor(
    private readonly parts: RedisSessionParts,
    private readonly key: string,
    /** The reply of the script `read`; absent for a session that does not exist yet. */
    private readonly found: Reply | undefined,
    /** Who holds the lock. */
    private readonly holder: string | undefined,
  ) {}

  /** The time of last use follows from the time that is left. */
  async read(most = Infinity): Promise<SharedContent> {
    const { now, rest } = this.found!;
    const [bytes, left] = rest as unknown as [Buffer, number];
    const unused = left < 0 ? 0 : Math.max(0, this.parts.lifetime - Number(left));
    return { bytes: bytes.subarray(0, most), usedAt: now - unused };
  }

  async write(bytes: Buffer, before: Buffer, latest?: number): Promise<void> {
    const { status } = await (this.found
      ? this.run('write', [this.lifetime, this.holder ?? '', before, bytes], latest)
      : this.run('create', [this.lifetime, bytes], latest));
    if (status === 'duplicate') throw Object.assign(new Error(), { code: 'EEXIST' });
    if (status === 'changed') throw Object.assign(new Error(), { code: CHANGED });
    if (status === 'unlocked') throw lockedFault();
    this.isFresh = this.isFree = true;
  }

  /** A write has set the time already. */
  async touch(): Promise<void> {
    if (!this.isFresh) await this.run('touch', [this.lifetime]);
  }

  async empty(latest?: number): Promise<void> {
    await this.run('finish', [`${this.parts.endKept}`], latest);
    this.isFree = true;
  }

  /** Frees the lock, unless a write or the end has done so. A failure does no harm: the lock ends by itself. */
  async unlock(): Promise<void> {
    if (!this.isFree) await this.run('unlock', [this.holder ?? '']).catch(() => undefined);
  }

  private get lifetime(): string {
    return `${this.parts.lifetime}`;
  }

  private run(name: PhpRedisScript, args: (string | Buffer)[], latest?: number): Promise<Reply> {
    const { runner } = this.parts;
    return runner.run(name, this.key, args, runner.end(latest));
  }
}
