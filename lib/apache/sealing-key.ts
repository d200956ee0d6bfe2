import type { KeyObject } from 'node:crypto';
import type { Awaitable } from '../crypto/awaitable.js';
import type { ApacheCipher } from './apache-cipher.js';
import type { ApacheKey } from './apache-key.js';
import { randomSalt } from './sealed-blob.js';

/** What a text is sealed with, besides an IV. */
export interface SaltedKey {
  readonly salt: Buffer;
  readonly key: KeyObject;
}

/** The salt that seals, and its key. httpd draws a salt for each text and pays PBKDF2 for it; as it reads any salt, one
 *  is kept here for as long as the passphrase stays first and CBC allows (`blocksPerKey`). */
export class SealingKey {
  private from: ApacheKey | undefined;
  private current: Awaitable<SaltedKey> | undefined;
  private blocks = 0;

  /** `reuse`: false for a salt, and a PBKDF2, per text. */
  constructor(
    private readonly cipher: ApacheCipher,
    private readonly reuse: boolean,
  ) {}

  /** Salt and key for a text of `length` bytes: at once, but for the first text under a salt. */
  take(from: ApacheKey, length: number): Awaitable<SaltedKey> {
    if (!this.reuse) return this.draw(from);
    this.blocks += Math.floor(length / this.cipher.block) + 1;
    if (!this.current || this.from !== from || this.blocks > this.cipher.blocksPerKey)
      this.renew(from, length);
    return this.current!;
  }

  private renew(from: ApacheKey, length: number): void {
    this.from = from;
    this.blocks = Math.floor(length / this.cipher.block) + 1;
    const drawn = this.draw(from);
    this.current = drawn;
    const settle = (salted: SaltedKey | undefined) => this.current === drawn && (this.current = salted);
    drawn.then(settle, () => settle(undefined)); // whoever waits for it hears of a failure; the next text tries anew
  }

  private async draw(from: ApacheKey): Promise<SaltedKey> {
    const salt = randomSalt();
    return { salt, key: await from.derive(salt, this.cipher.keyLength) };
  }
}
