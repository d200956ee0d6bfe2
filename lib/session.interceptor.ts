import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { from, map, mergeMap, of, type Observable } from 'rxjs';
import { sessionsOfContext } from './session-route.js';

/** Stores the session when the handler's value is there, so that a failure passes through the application's exception
 *  filters. Optional: without it the response gate stores all the same, and answers a failure itself. */
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

/** The body of a stream is made after the head, so its changes are not complete yet. */
const isStream = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
