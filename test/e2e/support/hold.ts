import type { Answer } from '../../support/ask.js';
import type { Client, Script } from '../../support/script-app.js';
import type { SessionStore } from 'nestjs-session-crypto';

/** A promise that is kept when `open` is called. */
export class Latch {
  open!: () => void;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}

export interface HeldCall {
  /** The call has come and waits. */
  readonly begun: Promise<void>;
  release(): void;
  fail(): void;
}

type Method = 'create' | 'replace' | 'move' | 'destroy';

/** Keeps the store's next call of a method waiting until the test lets it go on or fail. */
export function holdNext(store: SessionStore, method: Method): HeldCall {
  const methods = store as unknown as Record<Method, (...args: unknown[]) => Promise<unknown>>;
  const original = methods[method];
  const begun = new Latch();
  const decided = new Latch();
  let failing = false;
  methods[method] = async (...args) => {
    methods[method] = original;
    begun.open();
    await decided.opened;
    if (failing) throw Object.assign(new Error('db down'), { code: 'DOWN' });
    return original.apply(store, args);
  };
  return {
    begun: begun.opened,
    release: decided.open,
    fail() {
      failing = true;
      decided.open();
    },
  };
}

/** A request that has read its session by now, and runs `script` when it is told to finish. */
export async function underWay(client: Client, script: Script): Promise<{ finish(): Promise<Answer> }> {
  const read = new Latch();
  const told = new Latch();
  const answer = client.run(async (session) => {
    read.open();
    await told.opened;
    return script(session);
  });
  await read.opened;
  return {
    finish() {
      told.open();
      return answer;
    },
  };
}
