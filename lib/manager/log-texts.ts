import type { SessionEventMap } from '../persistence/session-events.js';
import type { HintTally } from './hint-tally.js';

/** What a cookie that names a key of ours, and yet does not open, can be. */
export const MADE_FOR_ANOTHER =
  'it was made for another cookie name, store, tenant or audience, or under another secret, or somebody has made it up. ' +
  'session-crypto cookie explain says which';

/** A number as people read it, with commas. */
export const numberText = (count: number): string => count.toLocaleString('en-US');

/** The name is the application's, and may be what a visitor calls himself. */
export function actionText({ actor, action, sessions, series, failed }: OperatorAction): string {
  const part = sessions === undefined && series === undefined ? 'it' : 'a part of it';
  const failure = failed ? `, and ${part} failed (${failed})` : '';
  const vain = action === 'revoke' && sessions === 0 ? ', and no session has ended' : '';
  return `The operator ${JSON.stringify(actor.slice(0, 100))} has done "${action}" on the dashboard${failure}${vain}`;
}

type OperatorAction = Pick<
  SessionEventMap['operatorAction'],
  'actor' | 'action' | 'sessions' | 'series' | 'failed'
>;

export const ambiguousText = (cookies: number): string =>
  `A request had ${cookies} cookies of one name, and none was used: they hold different sessions, or are too many. ` +
  'A login ends this; see docs/sessions.md, "Several cookies of one name"';

/** Returns the line on sessions whose key is not there. `top` are the hints that came most often. */
export function missingText(count: number, top: ReturnType<HintTally['top']>, isManaged: boolean): string {
  const sessions = count === 1 ? '1 session was' : `${numberText(count)} sessions were`;
  const keys = top.map(([hint, times]) => `${hint} (${numberText(times)})`).join(', ');
  const named = keys && `, named by the ${top.length === 1 ? 'hint' : 'hints'} ${keys}`;
  const ring = isManaged ? 'the managed ring' : 'crypto.secrets';
  return (
    `${sessions} sealed by a key that is not in ${ring}${named}, so their users are logged out. ` +
    (isManaged ? MANAGED : PLAIN)
  );
}

const PLAIN =
  'If a key was dropped too early, put it back at the end of the list until its sessions have ended. ' +
  'If no key was dropped, another server has other keys, or somebody tries made-up cookies';

const MANAGED =
  'A key was revoked, another server has another ring or store of keys, this server could not read that store (keysFailed), ' +
  'or somebody tries made-up cookies';
