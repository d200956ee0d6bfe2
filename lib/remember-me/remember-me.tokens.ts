import { Inject, type InjectionToken } from '@nestjs/common';
import { DEFAULT_SESSION } from '../options/default-session.js';
import { RememberMeService } from './remember-me.service.js';

/** Returns the injection token of a session's {@link RememberMeService}: the class itself for the default session. */
export const getRememberMeServiceToken = (
  session: string = DEFAULT_SESSION,
): InjectionToken<RememberMeService> =>
  session === DEFAULT_SESSION
    ? RememberMeService
    : Symbol.for(`nestjs-session-crypto/remember-me/${session}`);

/** Injects the {@link RememberMeService} of a named session. */
export const InjectRememberMe = (session?: string) => Inject(getRememberMeServiceToken(session));
