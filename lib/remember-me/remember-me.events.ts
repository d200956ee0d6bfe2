import type { SessionEventMap } from '../persistence/session-events.js';

declare module '../persistence/session-events.js' {
  interface SessionEventMap {
    /** A remembered browser came back and was logged in. `series` is {@link RememberedBrowser.id}. */
    remembered: { session: string; series: string; subject: string };
    /** A token was used after its grace period, so two browsers have it: the owner's and a thief's. The series has ended.
     *  `sessions` is the number of the subject's sessions that were ended too. It is `undefined` if `onTheft` is `event`,
     *  if the session store cannot end sessions, or if it failed. */
    rememberTheft: { session: string; series: string; subject: string; sessions: number | undefined };
    /** A remember-me cookie logged nobody in and was cleared. `not-ours`: we did not make its value, or the keys have
     *  changed. `unknown`: there is no such series. `expired`: its lifetime is over. `ambiguous`: cookies of two series came,
     *  or more cookies than are tried; they were not cleared. */
    rememberRejected: { session: string; reason: 'not-ours' | 'unknown' | 'expired' | 'ambiguous' };
  }
}

/** The remember-me events. `SessionService.events` emits them. */
export type RememberMeEvent = Extract<keyof SessionEventMap, `remember${string}`>;
