import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { routeOf, sessionsOfContext } from './session-route.js';
import type { RequestSessions } from './request-sessions.js';

/** Brings what a route says of sessions to the sessions of its request. Global, refuses nobody. */
export class SessionRouteGuard implements CanActivate {
  constructor(
    private readonly session: string,
    private readonly load: 'lazy' | 'eager',
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const sessions = sessionsOfContext(context);
    if (!sessions) return true;
    return this.load === 'eager' && !routeOf(context).skip ? this.loadNow(context, sessions) : true;
  }

  /** Puts the session where Nest's own `@Session()` looks. */
  private async loadNow(context: ExecutionContext, sessions: RequestSessions): Promise<boolean> {
    const slot = sessions.slot();
    if (slot.engine.name === this.session)
      context.switchToHttp().getRequest<{ session?: unknown }>().session = await slot.session();
    return true;
  }
}
