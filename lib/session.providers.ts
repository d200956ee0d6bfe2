import type { InjectionToken, Provider } from '@nestjs/common';
import { APP_GUARD, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { countMissingKeys } from './manager/missing-keys.js';
import { SessionManager } from './manager/session-manager.js';
import { isCaseSensitive } from './middleware-mount.js';
import { logAuditFindings } from './options/audit/log-audit-findings.js';
import { DEFAULT_SESSION } from './options/default-session.js';
import type { SessionCryptoOptions } from './options/options.interface.js';
import { resolveOptions } from './options/resolve-options.js';
import type { ResolvedOptions } from './options/resolved-options.interface.js';
import { SessionEvents } from './persistence/session-events.js';
import { NestLog } from './nest-log.js';
import { driversOf } from './provided-driver.js';
import type { SessionClock } from './record/session-clock.js';
import { SessionLog } from './manager/session-log.js';
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

/** Anything of Nest that finds providers: an application, a testing module, a ModuleRef. */
export interface ProviderFinder {
  get(token: symbol, options: { readonly strict: false; readonly each: true }): unknown;
}

/** Returns the managers of all `forRoot` in an application; none if it does not import SessionCryptoModule.
 *  @internal */
export function managersOf(app: ProviderFinder): SessionManager[] {
  try {
    return app.get(MANAGER, { strict: false, each: true }) as SessionManager[];
  } catch {
    return [];
  }
}

/** The token of the SessionLog, which is another one in each module instance.
 *  @internal */
export const LOG = Symbol.for('nestjs-session-crypto/log');

/** What {@link MANAGER} is made from, in the order of its tokens. */
type ManagerInputs = [
  resolved: ResolvedOptions,
  store: ResolvedOptions['store'],
  clock: SessionClock,
  events: SessionEvents,
  raw: SessionCryptoOptions,
  moduleRef: ModuleRef,
  host: HttpAdapterHost,
  log: SessionLog,
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
  const context = name === DEFAULT_SESSION ? 'SessionCrypto' : `SessionCrypto:${name}`;
  const providers: Provider[] = [
    {
      provide: options,
      useFactory: (raw: SessionCryptoOptions) => resolveOptions(raw, name),
      inject: [rawOptions],
    },
    { provide: store, useFactory: (resolved: ResolvedOptions) => resolved.store, inject: [options] },
    { provide: clock, useValue: ((actual: Date) => actual) satisfies SessionClock },
    { provide: LOG, useFactory: () => new SessionLog(name, new NestLog(context)) },
    { provide: events, useFactory: loggedEvents, inject: [options, LOG] },
    {
      provide: MANAGER,
      useFactory: (...inputs: ManagerInputs) => createManager(name, inputs),
      inject: [options, store, clock, events, rawOptions, ModuleRef, HttpAdapterHost, LOG],
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
  [resolved, store, clock, events, raw, moduleRef, host, { tell }]: ManagerInputs,
): Promise<SessionManager> {
  const options = withStore(resolved, store);
  const manager = await SessionManager.create(options, {
    name,
    events,
    clock,
    drivers: driversOf(moduleRef),
    tell,
    isCaseSensitive: () => isCaseSensitive(host.httpAdapter),
  });
  logAuditFindings(raw, options, tell);
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

function loggedEvents({ crypto, contexts }: ResolvedOptions, log: SessionLog): SessionEvents {
  const events = new SessionEvents();
  const all = [crypto, ...contexts.map(({ options }) => options.crypto)];
  log.listen(
    events,
    all.some(({ managed }) => managed),
  );
  countMissingKeys(events);
  return events;
}
