/** What a probe sees the begin and the end of. `open`: the cookies of a request are read and lead to a session, or to none.
 *  `load`, `prune`, `store`: an operation of the store: a row is read, what has expired is removed, or any other. `commit`: what a
 *  request has done is stored. `seal`: one session is sealed. `wait`: a request waits for its turn. */
export type ProbeStep = 'open' | 'load' | 'commit' | 'seal' | 'prune' | 'store' | 'wait';

/** Ends a step. `outcome` is the code of the error that the step failed with, such as `timeout` or `ERR_SESSION_CONFLICT`;
 *  `undefined` if it did not fail. `count` is the number that a store has returned, as `prune` does. */
export type ProbeEnd = (outcome?: string, count?: number) => void;

/** Watches what happens on the path of a request. Its methods are called there, so they must be fast and must not wait. What a
 *  method throws stops nothing. `session` is the name of the session in `forRoot`. Nothing that is passed holds a secret, an id, a
 *  subject or a value. Everything rare comes from {@link SessionEvents}. */
export interface SessionProbe {
  /** A step begins; the answer is called at its end. `detail` is the operation of the store in `load`, `prune` and `store`
   *  (`load`, `replace`, `move`, …), and what is waited for in `wait`: `lock` for the lock of a session, `save` for the save
   *  of another request, `limit` for another login of the subject. */
  begin(step: ProbeStep, session: string, detail?: string): ProbeEnd;
  /** The key with this hint has opened an envelope or a reference. Of a stored session, both count; what the
   *  processes of a dashboard report to each other does not. */
  openedBy(session: string, hint: string): void;
  /** The changes of a request go to the store in the statement of another one. */
  joined(session: string): void;
  /** The changes of a request were merged with those that another one had stored meanwhile. */
  merged(session: string): void;
}
