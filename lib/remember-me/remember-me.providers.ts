import type { InjectionToken, Provider } from '@nestjs/common';
import type { SessionClock } from '../record/session-clock.js';
import type { SessionService } from '../session.service.js';
import { getSessionClockToken, getSessionServiceToken } from '../session.tokens.js';
import { MonitoredStore } from '../persistence/monitored.store.js';
import { StoreHealth } from '../persistence/store-health.js';
import { AutoLogin } from './auto-login.js';
import type { RememberMeOptions } from './remember-me.options.js';
import { RememberMeService } from './remember-me.service.js';
import { getRememberMeServiceToken } from './remember-me.tokens.js';
import { resolveRememberMe, type ResolvedRememberMe } from './resolve-remember-me.js';
import { SeriesRepository } from './series.repository.js';
import { RememberCookies } from './remember-cookies.js';

/** Injection token of the checked options.
 *  @internal */
export const RESOLVED = Symbol.for('nestjs-session-crypto/remember-me/options');
/** The store of the series, with its health monitored.
 *  @internal */
export const STORE = Symbol.for('nestjs-session-crypto/remember-me/store');

/** Milliseconds that one operation of the store may take. */
const STORE_TIMEOUT = 5000;

/** Returns the providers of one session's remember-me: its options, its store and its service. */
export function rememberMeProviders(session: string, rawOptions: InjectionToken): Provider[] {
  const sessions = getSessionServiceToken(session);
  return [
    {
      provide: RESOLVED,
      useFactory: (raw: RememberMeOptions) => resolveRememberMe(raw, session),
      inject: [rawOptions],
    },
    {
      provide: STORE,
      useFactory: ({ store }: ResolvedRememberMe, { events }: SessionService) =>
        new MonitoredStore(store, new StoreHealth(`${session}/remember-me`, events, STORE_TIMEOUT)),
      inject: [RESOLVED, sessions],
    },
    {
      provide: getRememberMeServiceToken(session),
      useFactory: (...parts: ServiceParts) => makeService(session, ...parts),
      inject: [RESOLVED, STORE, sessions, getSessionClockToken(session)],
    },
  ];
}

type ServiceParts = [ResolvedRememberMe, MonitoredStore, SessionService, SessionClock];

function makeService(session: string, ...[options, store, sessions, clock]: ServiceParts): RememberMeService {
  const { times, onTheft } = options;
  const { events } = sessions;
  const series = new SeriesRepository(store, times, clock);
  const cookies = new RememberCookies(options.cookies, store);
  const login = new AutoLogin({ session, series, sessions, events, onTheft });
  return new RememberMeService({ session, sessions, series, cookies, login });
}
