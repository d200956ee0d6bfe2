import { SessionManager } from '../../../lib/manager/session-manager.js';
import type { SessionCryptoOptions } from '../../../lib/options/options.interface.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';

/** A real manager of sessions in cookies, over plain http. */
export const cookieManager = (): Promise<SessionManager> => managerOf({});

/** A real manager over plain http. */
export function managerOf(plan: Partial<SessionCryptoOptions>): Promise<SessionManager> {
  const crypto = { secrets: [`hex:${'11'.repeat(32)}`] };
  return SessionManager.create(resolveOptions({ crypto, cookie: { secure: false }, ...plan }), {
    name: 'default',
    events: new SessionEvents(),
    clock: (actual) => actual,
    drivers: { find: () => Promise.resolve(undefined), make: () => undefined },
    tell: () => undefined,
    isCaseSensitive: () => true,
  });
}

export const requestOf = (headers: Record<string, string> = {}) =>
  ({ url: '/', method: 'GET', headers, rawHeaders: [] }) as never;
