import { randomFillSync } from 'node:crypto';

const SIZE = 8192;
const LIFETIME_MS = 1000;

/** Random bytes drawn in bulk, since one small `randomBytes` costs as much as a cipher. A pool holds at most 8 KiB,
 *  is thrown away after a second, and what was handed out is copied and wiped. */
class RandomPool {
  private readonly pool = Buffer.allocUnsafeSlow(SIZE);
  private at = SIZE;
  private filledAt = 0;

  /** `length` fresh random bytes, at most 8192, in a buffer of their own. */
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

const shared = new RandomPool();

/** `length` bytes (at most 8192) from the operating system's generator. */
export const randomPoolBytes = (length: number): Buffer => shared.take(length);
