import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { SessionStateError } from './errors/session-state.error.js';
import { isAllowedReferer } from './http/referer.js';
import { routeOf, sessionsOfContext } from './session-route.js';

/** Admits requests whose Referer `id.refererCheck` allows; any other gets 403. A request without a Referer passes unless
 *  `missing` is `refuse`, or Sec-Fetch-Site says that another site sent it. Anybody can leave the header out or forge it, so this keeps honest browsers on the intended
 *  path and stops no attacker; against other sites use SessionCsrfGuard. @see PHP `session.referer_check` */
@Injectable()
export class RefererGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const check = sessionsOfContext(context)?.find(routeOf(context).name)?.profile.options.id.referer;
    if (!check)
      throw new SessionStateError('ERR_SESSION_UNSUPPORTED', 'RefererGuard needs the option id.refererCheck');
    const { headers } = context.switchToHttp().getRequest<IncomingMessage>();
    if (!isAllowedReferer(check, headers)) throw new ForbiddenException();
    return true;
  }
}
