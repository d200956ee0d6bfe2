import { SessionConfigError } from '../errors/session-config.error.js';
import type { MonitoredStore } from '../persistence/monitored.store.js';
import type { MigratedFormat } from '../persistence/session-format.interface.js';
import { toSeconds } from '../record/session-lifetime.js';
import { hasRows, type ReadableStore } from '../stores/all-rows.js';
import type { SessionManager } from './session-manager.js';
import type { SessionProfile } from './session-profile.js';

/** Where sessions of express-session are converted to. */
export interface ConversionPlace {
  readonly profile: SessionProfile;
  readonly store: MonitoredStore & ReadableStore;
  /** Reads the old cookies, which find converted sessions. */
  readonly format: MigratedFormat;
}

/** Returns the first profile that accepts express-session. Throws a SessionConfigError that says what the options lack. */
export function conversionPlace({ profiles }: SessionManager): ConversionPlace {
  for (const profile of profiles) {
    const format = profile.options.crypto.accept.find(({ name }) => name === 'express-session') as
      MigratedFormat | undefined;
    if (!format) continue;
    const { rows: store, kind } = profile.store;
    if (!store?.guarded || !hasRows(store) || !profile.envelope) throw fault('store', noPlace(kind));
    if (toSeconds(format.migrationSource.until) <= profile.now()) throw fault('crypto.accept', PASSED);
    return { profile, store, format };
  }
  throw fault('crypto.accept', NO_FORMAT);
}

const fault = (path: string, message: string) => new SessionConfigError([{ path, message }]);
const noPlace = (kind: string) =>
  `is "${kind}", which is no place for converted sessions; choose pgStore(), typeOrmStore() or redisStore()`;
const NO_FORMAT =
  'has no fromExpressSession(), by which the old cookies find converted sessions; add it before you convert';
const PASSED = 'has a fromExpressSession() whose `until` has passed, so that no old cookie counts any more';
