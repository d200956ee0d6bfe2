import type { InjectionToken, Provider } from '@nestjs/common';
import { SessionConfigError } from '../errors/session-config.error.js';
import { DEFAULT_SESSION } from '../options/default-session.js';
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
      useFactory: ({ store }: ResolvedRememberMe, service: SessionService | undefined) => {
        if (!service) throw new SessionConfigError([{ path: 'imports', message: withoutSessions(session) }]);
        return new MonitoredStore(
          store,
          new StoreHealth(`${session}/remember-me`, service.events, STORE_TIMEOUT, undefined, 'remember-me'),
        );
      },
      inject: [RESOLVED, optional(sessions)],
    },
    {
      provide: getRememberMeServiceToken(session),
      useFactory: (...parts: ServiceParts) => makeService(session, ...parts),
      // the store's factory has refused where there are no sessions
      inject: [RESOLVED, STORE, optional(sessions), optional(getSessionClockToken(session))],
    },
  ];
}

const optional = (token: InjectionToken) => ({ token, optional: true });

function withoutSessions(session: string): string {
  const name = session === DEFAULT_SESSION ? '' : `name: '${session}', `;
  return (
    `RememberMeModule finds no session "${session}"; import SessionCryptoModule.forRoot({ ${name}crypto: … }) beside it, ` +
    `with isGlobal: true, or name another session: RememberMeModule.forRoot({ session, … })`
  );
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
