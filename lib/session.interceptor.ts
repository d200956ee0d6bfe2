import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { from, map, mergeMap, Observable, of } from 'rxjs';
import { SessionConfigError } from './errors/session-config.error.js';
import type { SessionManager } from './manager/session-manager.js';
import { locksExist } from './request/known-rules.js';
import { lockSession, noLocks } from './request/lock-session.js';
import { toldTo } from './session-exception.js';
import { noSession, routeOf, routeOfHandler, sessionsOfContext } from './session-route.js';

/** Commits the session as soon as the handler has returned its value, so that a failure passes through the application's
 *  exception filters. It is optional: without it the response gate commits all the same, and answers a failure itself. */
@Injectable()
export class SessionInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const sessions = context.getType() === 'http' ? sessionsOfContext(context) : undefined;
    if (!sessions) return next.handle();
    return next.handle().pipe(
      mergeMap((value: unknown) => {
        const stored = sessions.headSent || isStream(value) ? undefined : sessions.commit();
        return stored ? from(stored).pipe(map(() => value)) : of(value);
      }),
    );
  }
}

/** A stream makes its body after the head, so its changes are not complete yet. */
const isStream = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** Runs a handler under the lock of its session. On a handler and its class, Nest calls it twice with one context. */
class SessionLockInterceptor implements NestInterceptor {
  private readonly entered = new WeakSet<ExecutionContext>();

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { skip, name, lock } = routeOf(context);
    if (skip || !lock || this.entered.has(context)) return next.handle();
    this.entered.add(context);
    const sessions = sessionsOfContext(context);
    if (!sessions) throw noSession(context);
    return underLock(() => toldTo(context, lockSession(sessions, sessions.get(name), lock)), next);
  }
}

/** Runs a handler once `enter` has resolved to its exit. Who stops waiting, as by a timeout, leaves as soon as he could enter. */
const underLock = (enter: () => Promise<() => void>, next: CallHandler): Observable<unknown> =>
  new Observable((subscriber) => {
    const entered = enter();
    subscriber.add(() => void entered.then((leave) => leave()).catch(() => undefined));
    const run = () => subscriber.closed || subscriber.add(next.handle().subscribe(subscriber));
    entered.then(run).catch((error: unknown) => subscriber.error(error));
  });

/** The interceptor of every handler with `@SessionLock()`. */
export const LOCK_INTERCEPTOR = new SessionLockInterceptor();

/** Throws a SessionConfigError if a handler has `@SessionLock()` and no store of its session has locks. `isDefault`: the session is
 *  meant where a handler names none. */
export function checkLocks(modules: ModulesContainer, manager: SessionManager, isDefault: boolean): void {
  if (!locksExist() || manager.stores.some(({ locks }) => locks)) return;
  const handlers = [...lockedHandlers(modules)];
  const own = handlers.filter(({ session }) => session === manager.name || (!session && isDefault));
  if (!own.length) return;
  const names = own.map(({ name }) => `${name}()`).join(', ');
  throw new SessionConfigError([
    { path: 'store', message: `${noLocks(manager.base.store)}; it is on ${names}` },
  ]);
}

interface LockedHandler {
  readonly name: string;
  /** The session that its route names. */
  readonly session: string | undefined;
}

function* lockedHandlers(modules: ModulesContainer): Generator<LockedHandler> {
  const scanner = new MetadataScanner();
  for (const { controllers, providers } of modules.values())
    for (const { metatype } of [...controllers.values(), ...providers.values()]) {
      const prototype = Object(metatype).prototype as Record<string, object> | undefined;
      if (!prototype) continue;
      for (const method of scanner.getAllMethodNames(prototype)) {
        const { skip, name, lock } = routeOfHandler(metatype!, prototype[method]!);
        if (lock && !skip) yield { name: `${metatype!.name}.${method}`, session: name };
      }
    }
}
