import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { routeOf, sessionsOfContext } from './session-route.js';
import type { RequestSession } from './request/request-session.js';

/** Brings what a route says of sessions to the sessions of its request. Global, refuses nobody. */
export class SessionRouteGuard implements CanActivate {
  constructor(private readonly session: string) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const slot = sessionsOfContext(context)?.slot();
    if (slot?.engine.options.load !== 'eager' || slot.engine.name !== this.session) return true;
    return routeOf(context).skip ? true : this.loadNow(context, slot);
  }

  /** Puts the session where Nest's own `@Session()` looks. */
  private async loadNow(context: ExecutionContext, slot: RequestSession): Promise<boolean> {
    context.switchToHttp().getRequest<{ session?: unknown }>().session = await slot.session();
    return true;
  }
}
