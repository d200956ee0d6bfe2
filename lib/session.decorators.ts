import {
  createParamDecorator,
  Inject,
  UseInterceptors,
  type ExecutionContext,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { noteLocks } from './request/known-rules.js';
import { readLockOptions, type SessionLockOptions } from './request/lock-options.js';
import type { RequestSession } from './request/request-session.js';
import { toldTo } from './session-exception.js';
import { addToRoute, noSession, routeOf, sessionsOfContext } from './session-route.js';
import { LOCK_INTERCEPTOR } from './session.interceptor.js';
import type { Session } from './session/session.js';
import { getSessionServiceToken } from './session.tokens.js';

function requestSessionOf(context: ExecutionContext, name?: string): RequestSession {
  const sessions = sessionsOfContext(context);
  if (!sessions) throw noSession(context);
  return sessions.get(name ?? routeOf(context).name);
}

const load = (context: ExecutionContext, name?: string): Promise<Session> =>
  toldTo(context, requestSessionOf(context, name).load());

type Pipe = PipeTransform | Type<PipeTransform>;
/** Written out, because the types that Nest 12 infers name types that Nest 11 does not have. */
type SessionDecorator = (nameOrPipe?: string | Pipe, ...pipes: Pipe[]) => ParameterDecorator;

/** Injects the loaded session: that of the route, or that of the given name. */
export const CurrentSession: SessionDecorator = createParamDecorator(
  (name: string | undefined, context: ExecutionContext) => load(context, name),
);

/** Injects the value of one key of the session, or `undefined`. */
export const SessionValue: (key: string, ...pipes: Pipe[]) => ParameterDecorator = createParamDecorator(
  async (key: string, context: ExecutionContext) => (await load(context)).get(key as never),
);

/** Injects the public id of the session, which is not a credential. */
export const SessionId: SessionDecorator = createParamDecorator(
  async (name: string | undefined, context: ExecutionContext) => (await load(context, name)).id,
);

/** Injects the user who is logged in, or `undefined`. */
export const CurrentSubject: SessionDecorator = createParamDecorator(
  async (name: string | undefined, context: ExecutionContext) => (await load(context, name)).subject,
);

/** Injects a fresh CSRF token, for a form's field `_csrf` or the header `x-csrf-token`. It is accepted for
 *  `csrf.lifetime` seconds. */
export const CsrfToken: SessionDecorator = createParamDecorator(
  (name: string | undefined, context: ExecutionContext) =>
    toldTo(context, requestSessionOf(context, name).csrf.make()),
);

/** Injects the {@link SessionService} of a named session into a constructor. */
export const InjectSession = (name?: string) => Inject(getSessionServiceToken(name));

/** Handlers of one session run one at a time, over all processes that share its store. A request waits for the others up to a limit
 *  and then gets 423 (`ERR_SESSION_LOCKED`). The session is read again once the request has the lock. The lock is free when the
 *  handler has ended and its response is closed, or some seconds after the process has died. Throws a SessionConfigError for wrong
 *  options; a store without locks stops the start. */
export function SessionLock(options: SessionLockOptions = {}): MethodDecorator & ClassDecorator {
  const lock = readLockOptions(options);
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    noteLocks();
    addToRoute({ skip: false, lock })(target, key!, descriptor!);
    UseInterceptors(LOCK_INTERCEPTOR)(target, key!, descriptor!);
  };
}
