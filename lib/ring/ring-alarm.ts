import type { ReloadListener } from '../crypto/key-ring-provider.js';

/** Milliseconds between two alarms of one kind. The rows are read every half minute, also while their store is away for a
 *  day. */
const PAUSE = 600_000;

/** Tells the listener about failures: each new one at once, and the same one again every ten minutes. */
export class RingAlarm {
  private last: { readonly text: string; readonly at: number } | undefined;

  /** `now` returns milliseconds of a clock that nobody sets. */
  constructor(
    private readonly listener: ReloadListener,
    private readonly now: () => number = () => performance.now(),
  ) {}

  failed(error: unknown): void {
    const { message, reason } = Object(error) as { message?: unknown; reason?: unknown };
    const text = `${String(message)} ${String(reason)}`;
    const now = this.now();
    if (this.last?.text === text && now - this.last.at < PAUSE) return;
    this.last = { text, at: now };
    this.listener.failed(error);
  }

  /** The ring was read, and has keys with these hints. `isNew` says that it is another ring than before. */
  succeeded(hints: readonly string[], isNew: boolean): void {
    if (isNew || this.last) this.listener.reloaded(hints.length, hints);
    this.last = undefined;
  }
}
