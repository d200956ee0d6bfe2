import type { HeadAdditions } from '../http/gate/response-head.js';
import { REWRITTEN_HEAD } from '../http/trans-sid/rewritten-head.js';
import { addCookieLines, idHeader, type HeadFacts } from './session-head.js';

/** A session of a request, as far as a head depends on it. */
interface HeadSession {
  /** True if the head may say something of it. */
  readonly used: boolean;
  readonly head: HeadFacts | undefined;
  readonly profile: { readonly vary: HeadAdditions['vary'] };
}

/** A cookie of a feature on top. */
export interface FeatureCookie {
  readonly lines: readonly string[];
  /** What becomes of it if an error is sent in place of the response. */
  readonly atError: 'sent' | 'dropped';
}

/** Adds the Set-Cookie lines of one session if it was used; true if a user is logged in to it. */
export function addLinesOf(session: HeadSession, cookies: string[]): boolean {
  const head = session.used ? session.head : undefined;
  if (!head) return false;
  addCookieLines(head, cookies);
  return head.state.current.subject !== undefined;
}

export function rewrittenHead({ headers, ...additions }: Omit<HeadAdditions, 'defaults'>): HeadAdditions {
  const { removed } = REWRITTEN_HEAD;
  return { ...additions, defaults: {}, removed, headers: { ...headers, ...REWRITTEN_HEAD.headers } };
}

/** Returns what the head of an error says that is sent in place of the response: the cookies of all sessions that a commit has stored
 *  or ended before it, and `lines`. Without them the browser would keep an id that leads nowhere any more. */
export function additionsToError(
  sessions: readonly HeadSession[],
  lines: readonly string[],
): HeadAdditions | undefined {
  const cookies: string[] = [];
  for (const session of sessions) if (isSettled(session)) addLinesOf(session, cookies);
  cookies.push(...lines);
  const leading = sessions.find(({ used }) => used);
  const headers = leading?.head && isSettled(leading) ? idHeader(leading.head) : undefined;
  if (!cookies.length && !headers) return undefined;
  return { cookies, defaults: {}, vary: (leading ?? sessions[0]!).profile.vary, headers };
}

/** True if a commit has said what becomes of the cookie. */
function isSettled({ head }: HeadSession): boolean {
  const cookie = head?.state.cookieAtError ?? 'keep';
  return cookie !== 'keep' && cookie !== 'withhold';
}
