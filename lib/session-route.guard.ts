import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { SessionManager } from './manager/session-manager.js';
import { rulesExist } from './request/known-rules.js';
import { toldTo } from './session-exception.js';
import { httpRequestOf, routeOf, sessionsOfContext } from './session-route.js';

/** Applies what a route says of sessions to the sessions of its request. It is global and refuses nobody. With
 *  `session.load: 'eager'` it also loads the session before the handler. */
export class SessionRouteGuard implements CanActivate {
  constructor(private readonly session: string) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const { skip, name } = routeOf(context);
    const request = sessionsOfContext(context)?.find(name);
    if (skip || request?.profile.options.load !== 'eager' || request.profile.name !== this.session)
      return true;
    return toldTo(context, request.load()).then((session) => {
      const holder = holderOf(context, name);
      if (holder) holder.session = session;
      return true;
    });
  }
}

/** Returns the request whose `session` is the loaded one, where Nest's own `@Session()` looks. All fields of a GraphQL operation
 *  have one request, so it gets only the session without a name: a field that names another puts its own before no other field. */
function holderOf(context: ExecutionContext, name: string | undefined): { session?: unknown } | undefined {
  const isShared = context.getType<string>() !== 'http';
  return isShared && name !== undefined ? undefined : httpRequestOf(context);
}

/** Returns the guard of a session, or `undefined` if no request of this application needs it: no route has rules, no session
 *  is loaded before the handler, and no id comes in a form, from which the guard takes it out. */
export function routeGuardOf({ name, profiles }: SessionManager): SessionRouteGuard | undefined {
  const isNeeded = profiles.some(
    ({ options: { load, id } }) => load === 'eager' || id.sources.includes('body'),
  );
  return rulesExist() || isNeeded ? new SessionRouteGuard(name) : undefined;
}
