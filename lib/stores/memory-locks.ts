import type { SessionLocks } from './session-locks.interface.js';

interface Held {
  readonly holder: Buffer;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Locks in the memory of this process. */
export class MemoryLocks implements SessionLocks {
  private readonly held = new Map<string, Held>();

  constructor(private readonly now: () => Date) {}

  async acquire(name: Buffer, holder: Buffer, milliseconds: number): Promise<boolean> {
    const found = this.find(name);
    if (found && !found.holder.equals(holder)) return false;
    this.hold(name, holder, milliseconds);
    return true;
  }

  async renew(name: Buffer, holder: Buffer, milliseconds: number): Promise<boolean> {
    if (!this.find(name)?.holder.equals(holder)) return false;
    this.hold(name, holder, milliseconds);
    return true;
  }

  async release(name: Buffer, holder: Buffer): Promise<void> {
    if (this.find(name)?.holder.equals(holder)) this.held.delete(name.toString('latin1'));
  }

  private find(name: Buffer): Held | undefined {
    const found = this.held.get(name.toString('latin1'));
    return found && found.until > this.now().getTime() ? found : undefined;
  }

  private hold(name: Buffer, holder: Buffer, milliseconds: number): void {
    this.held.set(name.toString('latin1'), { holder, until: this.now().getTime() + milliseconds });
  }
}
