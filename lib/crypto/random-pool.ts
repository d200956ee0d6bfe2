import { randomFillSync } from 'node:crypto';
import { forgetInSnapshot } from './startup-snapshot.js';

/** Bytes of a pool. */
const SIZE = 8192;
/** Milliseconds after which a pool is thrown away, so that a copy of the process's memory reveals few future values. */
const LIFETIME_MS = 1000;

/** Draws random bytes in bulk, since a `randomBytes` call for a few bytes costs as much as sealing a session. The bytes
 *  that it hands out are copied and then wiped in the pool: nobody can get them a second time or read them there. */
class RandomPool {
  /** Not from Node's shared pool of small buffers, which other buffers could look into. */
  private readonly pool = Buffer.allocUnsafeSlow(SIZE);
  /** Offset of the first unused byte; `SIZE` before the first use. */
  private at = SIZE;
  private filledAt = 0;

  /** Writes `length` unused random bytes, at most {@link SIZE}, into `target` from `offset` on. */
  fill(target: Buffer, offset: number, length: number): void {
    const now = performance.now();
    if (this.at + length > SIZE || now - this.filledAt > LIFETIME_MS) this.refill(now);
    const { pool, at } = this;
    for (let i = 0; i < length; i++) {
      target[offset + i] = pool[at + i]!;
      pool[at + i] = 0;
    }
    this.at = at + length;
  }

  private refill(now: number): void {
    randomFillSync(this.pool);
    this.at = 0;
    this.filledAt = now;
    forgetInSnapshot(() => this.empty());
  }

  private empty(): void {
    this.pool.fill(0);
    this.at = SIZE;
  }
}

/** One pool per process and thread. Node starts child processes without a copy of this memory, so they share nothing; a
 *  process that builds a startup snapshot empties the pool first. */
const shared = new RandomPool();

/** Returns `length` random bytes (at most 8192) from OpenSSL's generator, which the operating system seeds. They are in a
 *  buffer of their own. */
export function randomPoolBytes(length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  shared.fill(bytes, 0, length);
  return bytes;
}

/** Writes `length` random bytes (at most 8192) into `target` from `offset` on, as {@link randomPoolBytes} returns them. */
export const fillRandom = (target: Buffer, offset: number, length: number): void =>
  shared.fill(target, offset, length);
