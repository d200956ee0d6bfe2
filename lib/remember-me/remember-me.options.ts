import type { CookieOptions } from '../options/cookie-options.interface.js';
import type { SessionStore } from '../stores/session-store.interface.js';

/** The options of `RememberMeModule.forRoot`. Durations are in seconds. */
export interface RememberMeOptions {
  /** The store of the series: on the server and with a table of its own, such as
   *  `typeOrmStore({ table: 'remember_me' })`. */
  readonly store: SessionStore;
  /** The cookie that carries the token. The default of `name` is '__Host-remember' ('remember' on a plain connection). The
   *  default of `lifetime` is 30 days; the server ends the series after that time, too. */
  readonly cookie?: CookieOptions;
  /** Each use moves the end of the series, so that it never ends while the browser comes back in time.
   *  @default false */
  readonly rolling?: boolean;
  /** Grace period in seconds: a replaced token still logs in, so that parallel requests and a lost response do no harm.
   *  @default 60 */
  readonly graceTime?: number;
  /** The reaction to a token that is used after its grace period. `end`: all sessions and series of the subject end.
   *  `event`: only this series ends. Both emit the event `rememberTheft`. @default 'end' */
  readonly onTheft?: 'end' | 'event';
  /** Seconds between two removals of expired series; 0 disables the timer. @default 3600 */
  readonly pruneInterval?: number;
}

/** Options that Nest needs before `useFactory` has run. Write them beside it. */
export interface RememberMeExtras {
  /** Name of the session that visitors are logged in to. @default 'default' */
  readonly session?: string;
  /** Exports the service to all modules. @default true */
  readonly isGlobal?: boolean;
  /** `false`: the application applies `RememberMeService.middleware` itself. @default true */
  readonly mount?: boolean;
}
