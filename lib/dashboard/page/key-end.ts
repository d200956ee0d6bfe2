import type { SessionView } from '../watched-session.js';
import { moment } from './format.js';
import { html, type HtmlValue } from './html.js';

/** Returns when a key can be dropped, as a reader sees it. */
export function canGo(view: SessionView, hint: string, state: string): HtmlValue {
  if (state === 'seals') return 'it seals';
  if (state === 'gone') return 'is not in the ring';
  if (!view.longestIdle) return 'not while sessions have no timeout';
  const unseen = unseenIn(view);
  if (unseen)
    return html`not known: ${unseen}. <code>session-crypto keys check --rotated TIME</code> computes it`;
  const until = neededUntil(view, hint);
  return until <= view.now ? 'now' : html`${moment(until, view.now)}, unless it is used again`;
}

/** Says why some process may use keys that nobody here hears of; `undefined` if all are heard. */
function unseenIn({ gathering, unreadable, isFull }: SessionView): string | undefined {
  if (gathering === 'alone') return 'nobody here hears of other processes';
  if (gathering === 'late' || unreadable) return 'a process is missing here';
  return isFull ? 'there are more processes than places' : undefined;
}

/** Nothing that a key has sealed outlives its need, and a session that nobody has used since the last use of the key has timed out. */
function neededUntil(view: SessionView, hint: string): number {
  const { figures, processes, longestIdle, needAfter } = view;
  // What an older process has sealed and opened nobody knows any more.
  const known = Math.max(...processes.map((one) => one.figures.since));
  const stopped = Math.max(known, lastOf(figures.seals, hint));
  const used = lastOf(figures.keys, hint);
  return Math.max(stopped + 1000 * needAfter(stopped), used + 1000 * longestIdle);
}

const lastOf = (moments: readonly { hint: string; lastAt: number }[], hint: string): number =>
  moments.find((one) => one.hint === hint)?.lastAt ?? 0;
