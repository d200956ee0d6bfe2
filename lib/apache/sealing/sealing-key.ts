import type { Awaitable } from '../../crypto/awaitable.js';
import type { KeyHandle } from '../../crypto/crypto-driver.interface.js';
import type { DriverCipher } from './driver-cipher.js';
import type { PassphraseKey } from './passphrase-key.js';
import { randomSalt } from './sealed-blob.js';

/** A salt and the cipher key that belongs to it. */
export interface SaltedKey {
  readonly salt: Buffer;
  readonly key: KeyHandle;
}

/** Provides the salt and the cipher key that seal. httpd draws a salt for each text and pays one PBKDF2 for each. httpd
 *  opens any salt, so this class keeps one salt for as long as the same passphrase is first and the limit of CBC is not
 *  reached (`blocksPerKey`). */
export class SealingKey {
  private from: PassphraseKey | undefined;
  private current: Awaitable<SaltedKey> | undefined;
  /** Blocks that are sealed under the current salt. */
  private blocks = 0;

  /** `reuse: false` draws a salt, and so runs a PBKDF2, for each text. */
  constructor(
    private readonly cipher: DriverCipher,
    private readonly reuse: boolean,
  ) {}

  /** Returns salt and key for a text of `length` bytes. The first text under a new salt gets a promise. */
  keyFor(from: PassphraseKey, length: number): Awaitable<SaltedKey> {
    if (!this.reuse) return this.draw(from);
    this.blocks += this.blocksOf(length);
    if (!this.current || this.from !== from || this.isUsedUp(this.current)) this.renew(from, length);
    return this.current!;
  }

  /** True if the salt has sealed its share of blocks, or if a hardware token has dropped its key. */
  private isUsedUp(current: Awaitable<SaltedKey>): boolean {
    const isDerived = !(current instanceof Promise);
    return this.blocks > this.cipher.row.blocksPerKey || (isDerived && this.cipher.isLost(current.key));
  }

  /** Returns the blocks of a text with its padding. */
  private blocksOf(length: number): number {
    return Math.floor(length / this.cipher.row.block) + 1;
  }

  /** Draws a new salt. Until its key is derived, all texts wait for the same promise. */
  private renew(from: PassphraseKey, length: number): void {
    this.from = from;
    this.blocks = this.blocksOf(length);
    const drawn = this.draw(from);
    this.current = drawn;
    const settle = (salted: SaltedKey | undefined) => this.current === drawn && (this.current = salted);
    drawn.then(settle, () => settle(undefined)); // those who wait get the rejection; the next text draws again
  }

  private async draw(from: PassphraseKey): Promise<SaltedKey> {
    const salt = randomSalt();
    return { salt, key: await this.cipher.derive(from, salt) };
  }
}
