import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../../errors/session-store.error.js';
import type { Reply } from '../../stores/redis/script-runner.js';
import { lockedFault, type LockKind } from '../shared/file-lock.js';
import type { SharedFile, SharedPlace } from '../shared/shared-place.interface.js';
import { CHANGED, RedisSession, type RedisSessionParts } from './redis-session.js';

/** Milliseconds between two attempts to get the lock. */
const PAUSE = 20;
/** Milliseconds that the lock lasts longer than whoever takes it waits for it. */
const LOCK_SLACK = 1000;

/** The sessions of php-redis in one Redis. A change is made under the lock of php-redis, which PHP respects if
 *  `redis.session.locking_enabled` is on. Reading needs no lock, since Redis reads a value as a whole. */
export class RedisPlace implements SharedPlace {
  constructor(
    private readonly parts: RedisSessionParts,
    private readonly prefix: string,
  ) {}

  async use<R>(
    id: string,
    kind: LockKind,
    until: number,
    work: (file: SharedFile) => Promise<R>,
  ): Promise<R | undefined> {
    if (kind === 'shared') return this.look(id, work);
    for (;;) {
      try {
        return await this.alone(id, until, work);
      } catch (error) {
        if (codeOf(error) !== CHANGED || performance.now() >= until) throw error;
      }
    }
  }

  create<R>(id: string, work: (file: SharedFile) => Promise<R>): Promise<R> {
    return work(new RedisSession(this.parts, this.keyOf(id), undefined, undefined));
  }

  async remove(id: string, latest?: number): Promise<boolean> {
    const { runner, endKept } = this.parts;
    const { status } = await runner.run('finish', this.keyOf(id), [`${endKept}`], runner.end(latest));
    return status === 'saved';
  }

  async foreignOwner(): Promise<undefined> {
    return undefined; // Redis has no users of its own for its values
  }

  private async look<R>(id: string, work: (file: SharedFile) => Promise<R>): Promise<R | undefined> {
    const key = this.keyOf(id);
    const found = await this.parts.runner.run('read', key);
    return found.status === 'live' ? work(new RedisSession(this.parts, key, found, undefined)) : undefined;
  }

  /** Runs `work` under the lock. */
  private async alone<R>(id: string, until: number, work: (file: SharedFile) => Promise<R>) {
    const holder = randomBytes(12).toString('base64url');
    const found = await this.lock(id, holder, until);
    if (!found) return undefined;
    const session = new RedisSession(this.parts, this.keyOf(id), found, holder);
    try {
      return await work(session);
    } finally {
      await session.unlock();
    }
  }

  /** Resolves to the locked session, or to `undefined` if there is none. */
  private async lock(id: string, holder: string, until: number): Promise<Reply | undefined> {
    for (;;) {
      const lasts = Math.ceil(Math.max(0, until - performance.now())) + LOCK_SLACK;
      const reply = await this.parts.runner.run('lock', this.keyOf(id), [holder, `${lasts}`]);
      if (reply.status !== 'locked') return reply.status === 'live' ? reply : undefined;
      if (performance.now() >= until) throw lockedFault();
      await wait(PAUSE * (0.5 + Math.random()));
    }
  }

  private keyOf(id: string): string {
    return `${this.prefix}${id}`;
  }
}
