import type { InjectionToken } from '@nestjs/common';
import { DEFAULT_SESSION } from './options/default-session.js';
import type { SessionClock } from './record/session-clock.js';
import { SessionService } from './session.service.js';

const token = (part: string, name: string): InjectionToken =>
  Symbol.for(`nestjs-session-crypto/${part}/${name}`);

/** Token of a session's {@link SessionService}: the class itself for the default one. */
export const getSessionServiceToken = (name: string = DEFAULT_SESSION): InjectionToken<SessionService> =>
  name === DEFAULT_SESSION ? SessionService : (token('service', name) as InjectionToken<SessionService>);

/** Token of the options as they were given to `forRoot`. */
export const getSessionOptionsToken = (name: string = DEFAULT_SESSION): InjectionToken =>
  token('options', name);

/** Token of the store: override it to test an application with `memoryStore()`. */
export const getSessionStoreToken = (name: string = DEFAULT_SESSION): InjectionToken => token('store', name);

/** Token of the {@link SessionClock}. */
export const getSessionClockToken = (name: string = DEFAULT_SESSION): InjectionToken<SessionClock> =>
  token('clock', name) as InjectionToken<SessionClock>;

/** Token of the {@link SessionEvents}. */
export const getSessionEventsToken = (name: string = DEFAULT_SESSION): InjectionToken =>
  token('events', name);
