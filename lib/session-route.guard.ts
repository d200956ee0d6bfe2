import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { routeOf, sessionsOfContext } from './session-route.js';

/** Applies what a route says of sessions to the sessions of its request. It is global and refuses nobody. With
 *  `session.load: 'eager'` it also loads the session before the handler. */
export class SessionRouteGuard implements CanActivate {
  constructor(private readonly session: string) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = sessionsOfContext(context)?.get();
    if (request?.profile.options.load !== 'eager' || request.profile.name !== this.session) return true;
    if (routeOf(context).skip) return true;
    return request.load().then((session) => {
      const platform = context.switchToHttp().getRequest<{ session?: unknown }>();
      platform.session = session; // Nest's own `@Session()` looks there
      return true;
    });
  }
}
