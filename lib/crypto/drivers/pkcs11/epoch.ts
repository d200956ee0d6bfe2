import type { KeyObject } from 'node:crypto';

/** Holds the data keys that the token has derived in the current epoch. An epoch begins with the first of them. A timer
 *  drops all of them together when it ends, even if no request comes. */
export class Epoch<Key extends object> {
  private held = new Map<Key, KeyObject>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** Seconds. */
    private readonly length: number,
  ) {}

  /** Returns the data key of a handle, if the token has derived it in this epoch. */
  get(key: Key): KeyObject | undefined {
    return this.held.get(key);
  }

  /** Keeps a data key until the epoch ends, and returns it. */
  hold(key: Key, value: KeyObject): KeyObject {
    this.timer ??= setTimeout(() => this.end(), this.length * 1000).unref();
    this.held.set(key, value);
    return value;
  }

  /** Ends the epoch: drops all data keys, whose memory OpenSSL wipes once they are collected. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.held = new Map();
  }
}
