import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { from, map, mergeMap, of, type Observable } from 'rxjs';
import { sessionsOfContext } from './session-route.js';

/** Commits the session as soon as the handler has returned its value, so that a failure passes through the application's
 *  exception filters. It is optional: without it the response gate commits all the same, and answers a failure itself. */
@Injectable()
export class SessionInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const sessions = context.getType() === 'http' ? sessionsOfContext(context) : undefined;
    if (!sessions) return next.handle();
    return next.handle().pipe(
      mergeMap((value: unknown) => {
        const stored = sessions.headSent || isStream(value) ? undefined : sessions.commit();
        return stored ? from(stored).pipe(map(() => value)) : of(value);
      }),
    );
  }
}

/** A stream makes its body after the head, so its changes are not complete yet. */
const isStream = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
