import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { sessionsOfContext } from '../session-route.js';
import { HOST, type DashboardHost } from './dashboard-host.js';

/** Lets a request prolong no session: a page that asks for live figures by itself must not keep its operator logged in. It refuses
 *  nobody. */
@Injectable()
export class QuietSessionsGuard implements CanActivate {
  constructor(@Inject(HOST) private readonly host: DashboardHost) {}

  canActivate(context: ExecutionContext): boolean {
    const sessions = sessionsOfContext(context);
    for (const manager of this.host.managers) sessions?.of(manager)?.suppressRenewal();
    return true;
  }
}
