import { memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { SessionManager } from '../../lib/manager/session-manager.js';
import { resolveOptions } from '../../lib/options/resolve-options.js';
import { SessionEvents } from '../../lib/persistence/session-events.js';
import { cleanUp } from './cleanup.js';

export const SECRETS = [`hex:${'11'.repeat(32)}`];

/** A manager that has not opened its stores. */
export async function managerOf(options: Partial<SessionCryptoOptions> = {}): Promise<SessionManager> {
  const given = { crypto: { secrets: SECRETS }, store: memoryStore(), ...options };
  const manager = await SessionManager.create(resolveOptions(given), {
    name: 'default',
    events: new SessionEvents(),
    clock: (actual) => actual,
    drivers: { find: () => Promise.resolve(undefined), make: () => undefined },
    tell: () => undefined,
    isCaseSensitive: () => true,
  });
  cleanUp(() => manager.close());
  return manager;
}

/** A manager whose application runs. */
export async function runningManager(options: Partial<SessionCryptoOptions> = {}): Promise<SessionManager> {
  const manager = await managerOf(options);
  await manager.open(() => undefined);
  return manager;
}

/** A store in memory that does what the test sets. */
export const brokenStore = (methods: object) => Object.assign(memoryStore(), methods);

/** An error as a database gives it. */
export const failing = (code: string) => () => Promise.reject(Object.assign(new Error('hunter2'), { code }));
