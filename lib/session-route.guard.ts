import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { routeOf, sessionsOfContext } from './session-route.js';
import type { RequestSessions } from './request-sessions.js';

/** Brings what a route says of sessions to the sessions of its request. Global, refuses nobody. */
export class SessionRouteGuard implements CanActivate {
  constructor(private readonly load: 'lazy' | 'eager') {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const sessions = sessionsOfContext(context);
    if (!sessions) return true;
    const { skip, name, options } = routeOf(context);
    if (skip) sessions.skipped = true;
    if (name !== undefined) sessions.defaultName = name;
    if (options) sessions.slot().route = options;
    return this.load === 'eager' && !skip ? this.loadNow(context, sessions) : true;
  }

  /** Puts the session where Nest's own `@Session()` looks. */
  private async loadNow(context: ExecutionContext, sessions: RequestSessions): Promise<boolean> {
    context.switchToHttp().getRequest<{ session?: unknown }>().session = await sessions.slot().session();
    return true;
  }
}
