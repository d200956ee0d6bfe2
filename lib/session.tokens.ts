import type { InjectionToken } from '@nestjs/common';
import { DEFAULT_SESSION } from './options/default-session.js';
import type { SessionClock } from './record/session-clock.js';
import { SessionService } from './session.service.js';

const token = (part: string, name: string): InjectionToken =>
  Symbol.for(`nestjs-session-crypto/${part}/${name}`);

/** Returns the token of a session's {@link SessionService}: for the default session, the class itself. */
export const getSessionServiceToken = (name: string = DEFAULT_SESSION): InjectionToken<SessionService> =>
  name === DEFAULT_SESSION ? SessionService : (token('service', name) as InjectionToken<SessionService>);

/** Returns the token of the resolved options of `forRoot`. */
export const getSessionOptionsToken = (name: string = DEFAULT_SESSION): InjectionToken =>
  token('options', name);

/** Returns the token of the store. Override it with `memoryStore()` to test an application. */
export const getSessionStoreToken = (name: string = DEFAULT_SESSION): InjectionToken => token('store', name);

/** Returns the token of the {@link SessionClock}. Override it to shift the clock in a test. */
export const getSessionClockToken = (name: string = DEFAULT_SESSION): InjectionToken<SessionClock> =>
  token('clock', name) as InjectionToken<SessionClock>;

/** Returns the token of the {@link SessionEvents}. */
export const getSessionEventsToken = (name: string = DEFAULT_SESSION): InjectionToken =>
  token('events', name);
