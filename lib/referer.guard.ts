import { ForbiddenException, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { SessionStateError } from './errors/session-state.error.js';
import { isAllowedReferer } from './http/referer.js';
import { sessionsOfContext } from './session-route.js';

/** Lets a request pass whose referer is one of `id.refererCheck`, else 403. One without a referer passes unless
 *  `missing: 'refuse'`. Whoever wants to can leave the referer out or make one up: it keeps honest browsers on the way
 *  and nobody else; against other sites use SessionCsrfGuard. @see PHP `session.referer_check` */
@Injectable()
export class RefererGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const check = sessionsOfContext(context)?.slot().engine.options.id.referer;
    if (!check)
      throw new SessionStateError('ERR_SESSION_UNSUPPORTED', 'RefererGuard needs the option id.refererCheck');
    const { referer } = context.switchToHttp().getRequest<{ headers: { referer?: string } }>().headers;
    if (!isAllowedReferer(check, referer)) throw new ForbiddenException();
    return true;
  }
}
