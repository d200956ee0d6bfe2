import {
  createParamDecorator,
  Inject,
  type ExecutionContext,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { SessionStateError } from './errors/session-state.error.js';
import { routeOf, sessionsOfContext } from './session-route.js';
import type { RequestSession } from './request/request-session.js';
import { getSessionServiceToken } from './session.tokens.js';

function slotOf(context: ExecutionContext, name?: string): RequestSession {
  const sessions = sessionsOfContext(context);
  if (!sessions)
    throw new SessionStateError(
      'ERR_SESSION_NO_REQUEST',
      'There is no session here; is SessionCryptoModule imported?',
    );
  return sessions.slot(name ?? routeOf(context).name);
}

type Pipe = PipeTransform | Type<PipeTransform>;
/** Written out, since what Nest 12 infers names types that Nest 11 has not. */
type SessionDecorator = (nameOrPipe?: string | Pipe, ...pipes: Pipe[]) => ParameterDecorator;

/** The session, loaded. With a name: another than the route's. */
export const CurrentSession: SessionDecorator = createParamDecorator(
  (name: string | undefined, context: ExecutionContext) => slotOf(context, name).session(),
);

/** The value of one key of the session, or `undefined`. */
export const SessionValue: (key: string, ...pipes: Pipe[]) => ParameterDecorator = createParamDecorator(
  async (key: string, context: ExecutionContext) => (await slotOf(context).session()).get(key as never),
);

/** The public id of the session; no credential. */
export const SessionId: SessionDecorator = createParamDecorator(
  async (name: string | undefined, context: ExecutionContext) => (await slotOf(context, name).session()).id,
);

/** Who is logged in, or `undefined`. */
export const CurrentSubject: SessionDecorator = createParamDecorator(
  async (name: string | undefined, context: ExecutionContext) =>
    (await slotOf(context, name).session()).subject,
);

/** A fresh token for a form's field `_csrf` or the header `x-csrf-token`. */
export const CsrfToken: SessionDecorator = createParamDecorator(
  (name: string | undefined, context: ExecutionContext) => slotOf(context, name).csrfToken(),
);

/** Injects the {@link SessionService} of a named session. */
export const InjectSession = (name?: string) => Inject(getSessionServiceToken(name));
