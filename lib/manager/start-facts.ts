import { hintsOf } from '../crypto/key-hint.js';
import type { LineFields } from '../errors/log-lines.js';
import { keysNow } from './keys-now.js';
import type { SessionManager } from './session-manager.js';

/** Returns what an operator wants to know of a process that has started, as one sentence and as facts. It names no secret. */
export function startFacts(manager: SessionManager): { message: string; fields: LineFields } {
  const { base, profiles } = manager;
  const { driver, suite } = base.options.crypto;
  const { native } = base.crypto;
  const keys = keysNow(base.crypto.keys);
  const hints = hintsOf(keys);
  const cookies = [...new Set(profiles.flatMap(({ cookieNames }) => cookieNames))];
  const how = native ? `${driver.name} with ${suite.cipher}` : driver.name;
  const ring = `${keys.length} ${keys.length === 1 ? 'key' : 'keys'}${hints.length ? ` (${hints[0]} seals)` : ''}`;
  return {
    message: `Sessions are open: store ${base.store.kind}, driver ${how}, ${ring}, cookie ${cookies.join(' or ')}`,
    fields: {
      store: base.store.kind,
      driver: driver.name,
      cipher: native && suite.cipher,
      keys: keys.length,
      hints,
      managed: native?.managed !== undefined,
      cookies,
      contexts: profiles.length - 1,
      node: process.version,
    },
  };
}
