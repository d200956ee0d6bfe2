import { BUCKETS } from './latency.js';

/** The reasons for which a cookie is rejected, and what they mean to an operator. */
export const REJECTS = {
  'unknown-key':
    'Sealed by a key that is not in the ring: a key was dropped too early, or the cookie is of another application',
  expired: 'Its session had timed out',
  absent: 'Genuine, but its session is gone: it has ended or was pruned',
  tag: 'Changed, or of another cookie name, tenant or audience',
  commitment: 'Forged, or sealed in another way',
  version: 'Sealed by a suite that is not accepted here',
  encoding: 'No text of ours',
  length: 'Cut off, or too long',
  frame: 'The sealed frame is not valid',
  payload: 'The sealed data is not valid',
  other: 'For another reason',
} as const;

export const BEGINS = {
  created: 'New sessions',
  migrated: 'Taken over from a foreign format',
  login: 'Logins',
  remembered: 'Logins by remember-me',
} as const;

export const ENDS = {
  ended: 'Logout or destroy()',
  revoked: 'Revoked from outside',
  limit: 'Made room for another login',
  reused: 'An old id was used again',
  relogin: 'Another user logged in',
} as const;

export const TROUBLES = {
  ambiguous: 'Several cookies of one name',
  conflict: 'Two requests wrote the same key',
  merged: 'Saves that met another one and merged',
  joined: 'Saves joined with another one',
  dropped: 'Changes of a session that had ended',
  lostChange: 'Changes after the head of the response',
  touchFailed: 'Sessions that could not be prolonged',
  commitFailed: 'Requests that failed since their session could not be stored',
  rememberRejected: 'Remember-me cookies that were refused',
} as const;

/** The operations of the store whose duration is counted: a row is read, or a session is written. */
export type Timed = 'read' | 'write';
export type Bucket = `${Timed}.${number}`;
export type Column =
  | `reject.${keyof typeof REJECTS}`
  | keyof typeof BEGINS
  | keyof typeof ENDS
  | keyof typeof TROUBLES
  | Bucket
  | `${Timed}.failed`
  | 'sessions';

const names = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[];
export const bucketsOf = (step: Timed): Bucket[] =>
  Array.from({ length: BUCKETS }, (_, i): Bucket => `${step}.${i}`);

/** The columns that the charts add up. A login in the place of another user's goes on with the session. */
export const BEGINNING: readonly Column[] = ['created', 'migrated'];
export const ENDING: readonly Column[] = ['ended', 'revoked', 'limit', 'reused'];
export const REJECTING: readonly Column[] = names(REJECTS).map((reason): Column => `reject.${reason}`);

/** All columns of a {@link MinuteRing} of sessions. */
export const COLUMNS: readonly Column[] = [
  ...REJECTING,
  ...names(BEGINS),
  ...names(ENDS),
  ...names(TROUBLES),
  ...bucketsOf('read'),
  ...bucketsOf('write'),
  'read.failed',
  'write.failed',
  'sessions',
];
