import { Logger, type InjectionToken, type Provider } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { LineLimit } from './manager/line-limit.js';
import { reportMissingKeys } from './manager/missing-keys.js';
import { SessionManager } from './manager/session-manager.js';
import { isCaseSensitive } from './middleware-mount.js';
import { logAuditFindings } from './options/audit/log-audit-findings.js';
import { DEFAULT_SESSION } from './options/default-session.js';
import type { SessionCryptoOptions } from './options/options.interface.js';
import { resolveOptions } from './options/resolve-options.js';
import type { ResolvedOptions } from './options/resolved-options.interface.js';
import { SessionEvents } from './persistence/session-events.js';
import { driversOf } from './provided-driver.js';
import type { SessionClock } from './record/session-clock.js';
import { logEvents } from './session-log.js';
import { routeGuardOf } from './session-route.guard.js';
import { SessionService } from './session.service.js';
import {
  getSessionClockToken,
  getSessionEventsToken,
  getSessionOptionsToken,
  getSessionServiceToken,
  getSessionStoreToken,
} from './session.tokens.js';

/** The token of the SessionManager, which is another one in each module instance.
 *  @internal */
export const MANAGER = Symbol.for('nestjs-session-crypto/manager');

/** What {@link MANAGER} is made from, in the order of its tokens. */
type ManagerInputs = [
  resolved: ResolvedOptions,
  store: ResolvedOptions['store'],
  clock: SessionClock,
  events: SessionEvents,
  raw: SessionCryptoOptions,
  moduleRef: ModuleRef,
  host: HttpAdapterHost,
];

/** Returns the providers of one named session, and those of their tokens that an application may inject or override. */
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
    {
      provide: events,
      useFactory: (resolved: ResolvedOptions) => loggedEvents(logger, resolved),
      inject: [options],
    },
    {
      provide: MANAGER,
      useFactory: (...inputs: ManagerInputs) => createManager(name, logger, inputs),
      inject: [options, store, clock, events, rawOptions, ModuleRef, HttpAdapterHost],
    },
    {
      provide: service,
      useFactory: (manager: SessionManager) => new SessionService(manager),
      inject: [MANAGER],
    },
    { provide: APP_GUARD, useFactory: routeGuardOf, inject: [MANAGER] },
  ];
  return { providers, tokens: [service, events, store, clock] };
}

async function createManager(
  name: string,
  logger: Logger,
  [resolved, store, clock, events, raw, moduleRef, host]: ManagerInputs,
): Promise<SessionManager> {
  const options = withStore(resolved, store);
  const limit = new LineLimit();
  const manager = await SessionManager.create(options, {
    name,
    events,
    clock,
    drivers: driversOf(moduleRef),
    warn: (message) => limit.write(message, message, (line) => void logger.error(line)),
    isCaseSensitive: () => isCaseSensitive(host.httpAdapter),
  });
  logAuditFindings(raw, options, logger);
  return manager;
}

/** Returns the options with the store that the application provides under the store's token in place of theirs. */
function withStore(resolved: ResolvedOptions, store: ResolvedOptions['store']): ResolvedOptions {
  const contexts = resolved.contexts.map((context) =>
    context.options.store === resolved.store
      ? { ...context, options: { ...context.options, store } }
      : context,
  );
  return { ...resolved, store, contexts };
}

function loggedEvents(logger: Logger, { crypto, contexts }: ResolvedOptions): SessionEvents {
  const events = new SessionEvents();
  logEvents(events, logger);
  const isManaged = [crypto, ...contexts.map(({ options }) => options.crypto)].some(({ managed }) => managed);
  reportMissingKeys(events, (message) => void logger.warn(message), isManaged);
  return events;
}
