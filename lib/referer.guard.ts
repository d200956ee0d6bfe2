import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { SessionStateError } from './errors/session-state.error.js';
import { isAllowedReferer } from './http/referer.js';
import { exceptionOf } from './session-exception.js';
import { httpRequestOf, routeOf, sessionsOfContext } from './session-route.js';

/** Admits requests whose Referer `id.refererCheck` allows; any other gets 403. A request without a Referer passes unless
 *  `missing` is `refuse`, or Sec-Fetch-Site says that another site sent it. Anybody can leave the header out or forge it, so this keeps honest browsers on the intended
 *  path and stops no attacker; against other sites use SessionCsrfGuard. An operation of GraphQL is judged by its HTTP request. The message
 *  of a socket has no Referer and gets 403. @see PHP `session.referer_check` */
@Injectable()
export class RefererGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const check = sessionsOfContext(context)?.find(routeOf(context).name)?.profile.options.id.referer;
    if (!check)
      throw new SessionStateError('ERR_SESSION_UNSUPPORTED', 'RefererGuard needs the option id.refererCheck');
    const { headers } = (httpRequestOf(context) ?? {}) as Partial<IncomingMessage>;
    if (headers && isAllowedReferer(check, headers)) return true;
    throw await exceptionOf(context, new ForbiddenException());
  }
}
