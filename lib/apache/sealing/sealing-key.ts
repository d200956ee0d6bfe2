import type { Awaitable } from '../../crypto/awaitable.js';
import type { KeyHandle } from '../../crypto/crypto-driver.interface.js';
import type { ApacheKey } from './apache-key.js';
import type { DriverCipher } from './driver-cipher.js';
import { randomSalt } from './sealed-blob.js';

/** What a text is sealed with, besides an IV. */
export interface SaltedKey {
  readonly salt: Buffer;
  readonly key: KeyHandle;
}

/** The salt that seals, and its key. httpd draws a salt for each text and pays PBKDF2 for it; as it reads any salt, one
 *  is kept here for as long as the passphrase stays first and CBC allows (`blocksPerKey`). */
export class SealingKey {
  private from: ApacheKey | undefined;
  private current: Awaitable<SaltedKey> | undefined;
  private blocks = 0;

  /** `reuse`: false for a salt, and a PBKDF2, per text. */
  constructor(
    private readonly cipher: DriverCipher,
    private readonly reuse: boolean,
  ) {}

  /** Salt and key for a text of `length` bytes: at once, but for the first text under a salt. */
  take(from: ApacheKey, length: number): Awaitable<SaltedKey> {
    if (!this.reuse) return this.draw(from);
    this.blocks += this.blocksOf(length);
    if (!this.current || this.from !== from || this.isUsedUp(this.current)) this.renew(from, length);
    return this.current!;
  }

  private isUsedUp(current: Awaitable<SaltedKey>): boolean {
    const isThere = !(current instanceof Promise);
    return this.blocks > this.cipher.row.blocksPerKey || (isThere && this.cipher.isLost(current.key));
  }

  private blocksOf(length: number): number {
    return Math.floor(length / this.cipher.row.block) + 1;
  }

  private renew(from: ApacheKey, length: number): void {
    this.from = from;
    this.blocks = this.blocksOf(length);
    const drawn = this.draw(from);
    this.current = drawn;
    const settle = (salted: SaltedKey | undefined) => this.current === drawn && (this.current = salted);
    drawn.then(settle, () => settle(undefined)); // whoever waits for it hears of a failure; the next text tries anew
  }

  private async draw(from: ApacheKey): Promise<SaltedKey> {
    const salt = randomSalt();
    return { salt, key: await this.cipher.derive(from, salt) };
  }
}
