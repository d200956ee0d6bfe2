import { SessionManager } from '../../../lib/manager/session-manager.js';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';

/** A real manager of sessions in cookies, over plain http. */
export function cookieManager(): Promise<SessionManager> {
  const crypto = { secrets: [`hex:${'11'.repeat(32)}`] };
  return SessionManager.create(resolveOptions({ crypto, cookie: { secure: false } }), {
    name: 'default',
    events: new SessionEvents(),
    clock: (actual) => actual,
    drivers: { find: () => Promise.resolve(undefined), make: () => undefined },
    warn: () => undefined,
    isCaseSensitive: () => true,
  });
}

export const requestOf = (headers: Record<string, string> = {}) =>
  ({ url: '/', method: 'GET', headers, rawHeaders: [] }) as never;
