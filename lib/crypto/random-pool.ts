import { randomFillSync } from 'node:crypto';

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

  /** Returns `length` unused random bytes, at most {@link SIZE}, in a buffer of their own. */
  take(length: number): Buffer {
    const now = performance.now();
    if (this.at + length > SIZE || now - this.filledAt > LIFETIME_MS) this.refill(now);
    const end = this.at + length;
    const bytes = Buffer.allocUnsafeSlow(length);
    this.pool.copy(bytes, 0, this.at, end);
    this.pool.fill(0, this.at, end);
    this.at = end;
    return bytes;
  }

  private refill(now: number): void {
    randomFillSync(this.pool);
    this.at = 0;
    this.filledAt = now;
  }
}

/** One pool per process and thread. Node starts child processes without a copy of this memory, so they share nothing. */
const shared = new RandomPool();

/** Returns `length` random bytes (at most 8192) from OpenSSL's generator, which the operating system seeds. */
export const randomPoolBytes = (length: number): Buffer => shared.take(length);
