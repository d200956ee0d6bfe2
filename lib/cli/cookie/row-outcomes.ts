import type { ExplainedRow, Outcome } from './explanation.interface.js';

export const ABSENT = {
  verdict: 'ended',
  reason: 'absent',
  why: 'the cookie is authentic, and the store has no row for it: the session ended and was pruned, or this is another database or table',
  remedy:
    'log in again; if everybody is logged out, compare store and table with those of the server that set the cookie',
} as const;

export const ENDED = {
  verdict: 'ended',
  reason: 'tombstone',
  why: 'the session was ended by a logout or a revocation a moment ago',
  remedy: 'log in again',
} as const;

export const REPLAYED = {
  verdict: 'ended',
  reason: 'replayed',
  why: 'this is an old id of a session that was renewed, and its grace time was over',
  remedy:
    'a browser that was offline, or a stolen cookie: if it comes again and again, end the sessions of its user (revoke-subject)',
} as const;

/** Returns why a session has moved, unless its id was renewed by its time. */
export function whyMoved({ moved }: ExplainedRow): { why: string } | undefined {
  if (moved === 'login' || moved === 'relogin')
    return { why: 'the session ended by a login, which has made a new one with another cookie' };
  return moved === 'asked'
    ? { why: 'the application has renewed the id (regenerate), and the old one ended at once' }
    : undefined;
}

/** Returns the outcome of a reference whose row does not open. `hint` is that of the row's key. */
export function closedRow(reason: string, hint: string): Outcome {
  const refused = { verdict: 'refused', reason: `row-${reason}` } as const;
  if (reason === 'unknown-key')
    return {
      ...refused,
      why: `the cookie is authentic, and its row was sealed by the key ${hint}, which is not in the ring`,
      remedy: 'put the secret of that key back at the end of crypto.secrets until its sessions have ended',
    };
  return {
    ...refused,
    why: `the cookie is authentic, and its row does not open (${reason}): somebody has changed the row, or the table has another name than where it was sealed`,
    remedy: 'compare tenant, audience and table with those of the server that has stored it',
  };
}
