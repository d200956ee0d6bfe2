import type { KeyObject } from 'node:crypto';

/** What the token has derived for the epoch that runs. All of it is dropped together when the epoch ends, also when
 *  nobody asks for it. */
export class Epoch<Key extends object> {
  private held = new Map<Key, KeyObject>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** Seconds. */
    private readonly length: number,
  ) {}

  get(key: Key): KeyObject | undefined {
    return this.held.get(key);
  }

  hold(key: Key, value: KeyObject): KeyObject {
    this.timer ??= setTimeout(() => this.end(), this.length * 1000).unref();
    this.held.set(key, value);
    return value;
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.held = new Map();
  }
}
