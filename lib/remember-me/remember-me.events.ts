import type { SessionEventMap } from '../persistence/session-events.js';

declare module '../persistence/session-events.js' {
  interface SessionEventMap {
    /** A browser was remembered and its visitor logged in. `series` is {@link RememberedBrowser.id}. */
    remembered: { session: string; series: string; subject: string };
    /** A token was used that had been replaced long ago, so two have had it: the owner and a thief. The series has
     *  ended. `sessions` of the subject were ended besides; `undefined` where that was not asked for, the store cannot
     *  do it, or it failed. */
    rememberTheft: { session: string; series: string; subject: string; sessions: number | undefined };
    /** A remember-me cookie logged nobody in and was cleared. */
    rememberRejected: { session: string; reason: 'not-ours' | 'unknown' | 'expired' };
  }
}

/** Events of this folder, told by {@link SessionService.events}. */
export type RememberMeEvent = Extract<keyof SessionEventMap, `remember${string}`>;
