import type { CookieOptions } from '../options/cookie-options.interface.js';
import type { SessionStore } from '../stores/session-store.interface.js';

/** Everything that can be said in `RememberMeModule.forRoot`. Durations are seconds. */
export interface RememberMeOptions {
  /** Where series wait: a store on the server and a table of their own, such as `typeOrmStore({ table: 'remember_me' })`. */
  readonly store: SessionStore;
  /** The cookie that browsers are remembered by. `name` is '__Host-remember' by default ('remember' on a plain
   *  connection), `lifetime` 30 days: it is what the server heeds, too. */
  readonly cookie?: CookieOptions;
  /** A use moves the end of a browser's series, so that it never ends while it is used. @default false */
  readonly rolling?: boolean;
  /** Seconds that a replaced token still logs in: for requests that were sent together, and for an answer that got lost.
   *  @default 60 */
  readonly graceTime?: number;
  /** A token was used that had been replaced before: all sessions and series of the subject end, or only this series.
   *  @default 'end' */
  readonly onTheft?: 'end' | 'event';
  /** Seconds between two removals of what has expired; 0 for none. @default 3600 */
  readonly pruneInterval?: number;
}

/** What has to be known before the options are there. */
export interface RememberMeExtras {
  /** Name of the session that visitors are logged in to. @default 'default' */
  readonly session?: string;
  /** @default true */
  readonly isGlobal?: boolean;
  /** `false`: the application applies `RememberMeService.middleware` itself. @default true */
  readonly mount?: boolean;
}
