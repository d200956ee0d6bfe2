import { AsyncResource } from 'node:async_hooks';

/** What no request has begun. */
const nobody = new AsyncResource('SessionStore');

/** Runs `work` in the AsyncLocalStorage of no request. What it begins, such as a timer, may outlive the request: its callbacks
 *  must not see the session of whoever began it, and it must not keep the whole request in memory. */
export const inNoRequest = <R>(work: () => R): R => nobody.runInAsyncScope(work);
