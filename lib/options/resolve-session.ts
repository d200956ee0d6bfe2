import type { SessionTimeouts } from '../record/session-lifetime.js';
import { TEN_YEARS } from './limits.js';
import type { OptionReader } from './option-reader.js';
import { resolveScope } from './resolve-scope.js';
import type { AnyStore, ResolvedOptions, ResolvedSession } from './resolved-options.interface.js';
import { storeRemedy } from '../stores/store-remedy.js';
import { isCookieStore, isForeignStore } from './store-kind.js';

const SECONDS = [0, TEN_YEARS] as const;

/** Reads the group `session`. The default of `touchInterval` depends on the store, and on the seconds that a browser keeps the
 *  cookie (0: until it closes), because a touch sends such a cookie again. */
export function resolveSession(
  reader: OptionReader,
  store: AnyStore,
  cookieLifetime: number,
): ResolvedSession & Pick<ResolvedOptions, 'timeouts' | 'scope'> {
  const session = {
    timeouts: resolveTimeouts(reader, store, cookieLifetime),
    scope: resolveScope(reader),
    load: reader.choice('load', 'lazy', ['lazy', 'eager'] as const),
    onConflict: reader.choice('onConflict', 'last-wins', ['last-wins', 'reject'] as const),
    onGone: reader.choice('onGone', 'drop', ['drop', 'fail'] as const),
    onStoreDown: reader.choice('onStoreDown', 'fail', ['fail', 'anonymous'] as const),
    onStoreDownAtStart: reader.choice('onStoreDownAtStart', 'fail', ['fail', 'wait'] as const),
    onReuse: reader.choice('onReuse', 'event', ['event', 'end'] as const),
    maxPerSubject: resolveLimit(reader, store),
    keepNetwork: reader.choice('keepNetwork', false, [true, false] as const),
    payloadLimit: reader.integer('payloadLimit', 1_048_576, 'bytes', [64, 67_108_864]),
    commitTimeout: 1000 * reader.integer('commitTimeout', 5, 'seconds', [1, 600]),
    ...resolveHeldBody(reader),
    asyncContext: reader.choice('asyncContext', true, [true, false] as const),
  };
  reader.end();
  return session;
}

/** The greatest limit: a store lists so many sessions in one step. */
const MOST_SESSIONS = 1000;

function resolveLimit(reader: OptionReader, store: AnyStore): ResolvedSession['maxPerSubject'] {
  const given = reader.take('maxPerSubject');
  if (given === undefined) return undefined;
  if (typeof given !== 'object') {
    reader.addFault('maxPerSubject', `is ${given}; write { limit: 3, whenFull: 'endOldest' }`);
    return undefined;
  }
  const group = reader.sub('maxPerSubject');
  const limit = group.integer('limit', 0, 'sessions', [1, MOST_SESSIONS]);
  const whenFull = group.choice('whenFull', 'endOldest', ['endOldest', 'refuse'] as const);
  group.end();
  if (Object(given).limit === undefined)
    group.addFault('limit', `is not set; allowed is 1 to ${MOST_SESSIONS}`);
  const foreign = isForeignStore(store) ? store : undefined;
  if (!('listsAll' in store && store.listsAll))
    reader.addFault(
      'maxPerSubject',
      `needs a store that lists all sessions of a subject, which "${store.kind}" does not: ${storeRemedy({ kind: store.kind, foreign }, 'list() with `listsAll: true`')}`,
    );
  return { limit, whenFull };
}

const MIB = 2 ** 20;

function resolveHeldBody(reader: OptionReader): Pick<ResolvedSession, 'heldBody' | 'heldBodyTotal'> {
  const heldBody = reader.integer('heldBody', 16 * MIB, 'bytes', [MIB / 16, 1024 * MIB]);
  const heldBodyTotal = reader.integer('heldBodyTotal', Math.max(64 * MIB, heldBody), 'bytes', [
    MIB / 16,
    16_384 * MIB,
  ]);
  if (heldBodyTotal < heldBody)
    reader.addFault(
      'heldBodyTotal',
      `is ${heldBodyTotal}, and session.heldBody is ${heldBody}: one response could not use its own limit; make heldBody smaller or heldBodyTotal larger`,
    );
  return { heldBody, heldBodyTotal };
}

function resolveTimeouts(reader: OptionReader, store: AnyStore, cookieLifetime: number): SessionTimeouts {
  const idleTimeout = reader.integer('idleTimeout', 1440, 'seconds', SECONDS);
  const usual = defaultTouch(idleTimeout, store);
  const forCookie = Math.max(1, Math.min(usual, Math.floor(cookieLifetime / 2)));
  const touch = cookieLifetime && idleTimeout !== 1 ? forCookie : usual; // within one second nothing can be touched
  const timeouts: SessionTimeouts = {
    idleTimeout,
    absoluteTimeout: reader.integer('absoluteTimeout', 28_800, 'seconds', SECONDS),
    regenerateInterval: reader.integer('regenerateInterval', 900, 'seconds', SECONDS),
    graceTime: reader.integer('graceTime', 60, 'seconds', [0, 3600]),
    touchInterval: reader.integer('touchInterval', touch, 'seconds', SECONDS),
  };
  if (idleTimeout && timeouts.touchInterval >= idleTimeout)
    reader.addFault(
      'touchInterval',
      `is ${timeouts.touchInterval}, and session.idleTimeout is ${idleTimeout}: sessions would end while they are used; make touchInterval smaller`,
    );
  if (cookieLifetime && timeouts.touchInterval > cookieLifetime)
    reader.addFault(
      'touchInterval',
      `is ${timeouts.touchInterval}, and cookie.lifetime is ${cookieLifetime}: browsers would drop the cookie while its session is used; make touchInterval smaller or cookie.lifetime longer`,
    );
  return timeouts;
}

/** Returns an interval that is short enough to keep a used session alive, and long enough to make most requests read
 *  only. The cookie store touches less often, because each touch sends the whole session again. */
function defaultTouch(idleTimeout: number, store: AnyStore): number {
  const half = Math.floor(idleTimeout / 2);
  if (isCookieStore(store)) return half;
  return idleTimeout ? Math.min(half, Math.max(60, Math.floor(idleTimeout / 24))) : 300;
}
