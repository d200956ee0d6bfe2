import { Logger, type InjectionToken, type Provider } from '@nestjs/common';
import { APP_GUARD, ModuleRef } from '@nestjs/core';
import { DEFAULT_SESSION } from './options/default-session.js';
import { resolveOptions } from './options/resolve-options.js';
import type { ResolvedOptions } from './options/resolved-options.interface.js';
import type { SessionCryptoOptions } from './options/options.interface.js';
import { driversOf } from './provided-driver.js';
import { logAuditFindings } from './options/audit/log-audit-findings.js';
import type { SessionClock } from './record/session-clock.js';
import { SessionEngine } from './manager/session-engine.js';
import { logEvents } from './session-log.js';
import { SessionRouteGuard } from './session-route.guard.js';
import { SessionEvents } from './persistence/session-events.js';
import { SessionService } from './session.service.js';
import {
  getSessionClockToken,
  getSessionEventsToken,
  getSessionOptionsToken,
  getSessionServiceToken,
  getSessionStoreToken,
} from './session.tokens.js';

/** The engine of the module instance at hand.
 *  @internal */
export const ENGINE = Symbol.for('nestjs-session-crypto/engine');

/** The providers of one named session, and the tokens among them that an application may inject or override. */
export function sessionProviders(
  name: string,
  rawOptions: InjectionToken,
): { providers: Provider[]; tokens: InjectionToken[] } {
  const options = getSessionOptionsToken(name);
  const store = getSessionStoreToken(name);
  const clock = getSessionClockToken(name);
  const events = getSessionEventsToken(name);
  const service = getSessionServiceToken(name);
  const logger = new Logger(name === DEFAULT_SESSION ? 'SessionCrypto' : `SessionCrypto:${name}`);
  const providers: Provider[] = [
    {
      provide: options,
      useFactory: (raw: SessionCryptoOptions) => resolveOptions(raw, name),
      inject: [rawOptions],
    },
    { provide: store, useFactory: (resolved: ResolvedOptions) => resolved.store, inject: [options] },
    { provide: clock, useValue: ((actual: Date) => actual) satisfies SessionClock },
    { provide: events, useFactory: () => listened(logger) },
    {
      provide: ENGINE,
      useFactory: async (
        resolved: ResolvedOptions,
        given: ResolvedOptions['store'],
        at: SessionClock,
        told: SessionEvents,
        raw: SessionCryptoOptions,
        moduleRef: ModuleRef,
      ) => {
        const warn = (message: string) => logger.error(message);
        const used = withStore(resolved, given);
        const drivers = driversOf(moduleRef);
        const engine = await SessionEngine.create(used, { name, events: told, clock: at, drivers, warn });
        logAuditFindings(raw, used, logger);
        return engine;
      },
      inject: [options, store, clock, events, rawOptions, ModuleRef],
    },
    { provide: service, useFactory: (made: SessionEngine) => new SessionService(made), inject: [ENGINE] },
    {
      provide: APP_GUARD,
      useFactory: () => new SessionRouteGuard(name),
      inject: [ENGINE],
    },
  ];
  return { providers, tokens: [service, events, store, clock] };
}

/** The options with the store that an application put in the place of theirs. */
function withStore(resolved: ResolvedOptions, store: ResolvedOptions['store']): ResolvedOptions {
  const contexts = resolved.contexts.map((context) =>
    context.options.store === resolved.store
      ? { ...context, options: { ...context.options, store } }
      : context,
  );
  return { ...resolved, store, contexts };
}

function listened(logger: Logger): SessionEvents {
  const events = new SessionEvents();
  logEvents(events, logger);
  return events;
}
